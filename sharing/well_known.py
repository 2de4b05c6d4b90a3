"""The address at which others find our public keys."""

from django.urls import path

from sharing import views

urlpatterns = [path("jwks.json", views.jwks, name="jwks")]
