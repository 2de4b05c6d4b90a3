"""The addresses of "My choices"."""

from django.urls import path

from consent.views import agreeing, choices, receipts

app_name = "consent"

urlpatterns = [
    path("", choices.choices, name="choices"),
    path("research/", choices.preferences, name="preferences"),
    path("<slug:slug>/", choices.program, name="program"),
    path("<slug:slug>/less/", choices.less, name="less"),
    path("<slug:slug>/more/", choices.more, name="more"),
    path("<slug:slug>/last-day/", choices.last_day, name="last_day"),
    path("<slug:slug>/leave/", choices.leave, name="leave"),
    path("<slug:slug>/history/", choices.history, name="history"),
    path("<slug:slug>/new/", choices.whats_new, name="whats_new"),
    path("<slug:slug>/text/<int:number>/", choices.text, name="text"),
    path("<slug:slug>/agree/<int:number>/", agreeing.step, name="agree"),
    path("<slug:slug>/agree/sign/", agreeing.sign, name="sign"),
    path("<slug:slug>/agree/no/", agreeing.decline, name="decline"),
    path("<slug:slug>/receipt/<int:seq>/", receipts.receipt, name="receipt"),
    path("<slug:slug>/receipt/<int:seq>.pdf", receipts.receipt_pdf, name="receipt_pdf"),
    path("<slug:slug>/receipt/<int:seq>.json", receipts.receipt_json, name="receipt_json"),
    path("<slug:slug>/receipt/<int:seq>.fhir.json", receipts.receipt_fhir, name="receipt_fhir"),
]
