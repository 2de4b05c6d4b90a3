from django.urls import path

from portal.connections import views

app_name = "connections"
urlpatterns = [
    path("", views.index, name="list"),
    path("choose/", views.choose, name="choose"),
    path("choose/<slug:slug>/", views.start, name="start"),
    path("callback/", views.callback, name="callback"),
    path("not-connected/<slug:code>/", views.refused, name="refused"),
    path("keys.json", views.keys, name="keys"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/fetch/", views.fetch_now, name="fetch"),
    path("<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("<int:pk>/copies/", views.delete_copies, name="delete_copies"),
]
