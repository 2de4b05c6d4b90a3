from django.urls import path

from portal.records import views

app_name = "records"
urlpatterns = [
    path("files/", views.uploads, name="uploads"),
    path("files/<int:pk>/remove/", views.remove_upload, name="remove_upload"),
    path("files/<int:pk>/answer/", views.answer_upload, name="answer_upload"),
    path("not-kept/", views.refused, name="refused"),
    path("changes/", views.changes, name="changes"),
    path("changes/seen/", views.changes_seen, name="changes_seen"),
    path("download/", views.download, name="download"),
    path("<int:pk>/", views.history, name="history"),
]
