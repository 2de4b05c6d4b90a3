"""The addresses of the consent admin's workspace."""

from django.urls import path

from consent.views import documents, records

app_name = "consent_admin"

urlpatterns = [
    path("documents/", documents.documents, name="documents"),
    path("documents/<int:pk>/draft/", documents.new_draft, name="new_draft"),
    path("versions/<int:pk>/", documents.version, name="version"),
    path("versions/<int:pk>/preview/", documents.preview, name="preview"),
    path("versions/<int:pk>/changes/", documents.changes, name="changes"),
    path("versions/<int:pk>/edit/<str:place>/", documents.edit, name="edit"),
    path("versions/<int:pk>/describe/", documents.describe, name="describe"),
    path("versions/<int:pk>/publish/", documents.publish, name="publish"),
    path("records/", records.records, name="records"),
    path("records/<int:pk>/", records.record, name="record"),
    path("records/<int:pk>/check/", records.check, name="check"),
    path("records/<int:pk>/receipt/<int:seq>/", records.receipt, name="record_receipt"),
]
