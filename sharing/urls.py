"""The addresses of the person's sharing pages."""

from django.urls import path

from sharing import views

app_name = "sharing"

urlpatterns = [
    path("", views.index, name="list"),
    path("left/", views.left, name="left"),
    path("sent/<uuid:pk>/", views.delivery, name="delivery"),
    path("sent/<uuid:pk>/retry/", views.retry, name="retry"),
    path("sent/<uuid:pk>/receipt.json", views.receipt_json, name="receipt_json"),
    path("sent/<uuid:pk>/receipt.pdf", views.receipt_pdf, name="receipt_pdf"),
    path("sent/<uuid:pk>/data.json", views.sent_bytes, name="bytes"),
    path("<slug:slug>/preview/", views.preview, name="preview"),
    path("<slug:slug>/preview.json", views.preview_bytes, name="preview_bytes"),
    path("<slug:slug>/send/", views.confirm, name="confirm"),
    path("<slug:slug>/stop/", views.stop, name="stop"),
]
