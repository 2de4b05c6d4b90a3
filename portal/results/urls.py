from django.urls import path

from portal.results import views

app_name = "results"
urlpatterns = [
    path("", views.index, name="list"),
    path("notice/", views.notice, name="notice"),
    path("for-my-doctor.pdf", views.doctor, name="doctor"),
    path("part/<slug:section>/", views.part, name="part"),
    path("f/<slug:slug>/", views.finding, name="finding"),
]
