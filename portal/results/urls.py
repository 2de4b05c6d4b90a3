from django.urls import path

from portal.results.views import main, more, papers

app_name = "results"
urlpatterns = [
    path("", main.index, name="list"),
    path("notice/", main.notice, name="notice"),
    path("for-my-doctor.pdf", main.doctor, name="doctor"),
    path("part/<slug:section>/", main.part, name="part"),
    path("f/<slug:slug>/", main.finding, name="finding"),
    path("words/", more.words, name="words"),
    path("calm/", more.calm, name="calm"),
    path("medicines/", more.medicines, name="medicines"),
    path("looked/", more.looked, name="looked"),
    path("changes/", more.changes, name="changes"),
    path("changes/seen/", more.changes_seen, name="changes_seen"),
    path("papers/<slug:kind>/", papers.paper_page, name="paper"),
    path("papers/<slug:kind>.pdf", papers.paper_pdf, name="paper_pdf"),
]
