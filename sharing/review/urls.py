"""The addresses of the staff's workspace."""

from django.urls import path

from sharing.review import views

app_name = "review"

urlpatterns = [
    path("", views.queue, name="queue"),
    path("refused/", views.parked, name="parked"),
    path("refused/<uuid:pk>/retry/", views.retry, name="retry"),
    path("<uuid:pk>/", views.item, name="item"),
    path("<uuid:pk>/decide/", views.decide, name="decide"),
]
