"""Addresses of this room."""

from django.urls import path

from . import audit, late, proven, receipts, record

urlpatterns = [
    path("records/<int:pk>/late/", late.late_record, name="late_record"),
    path("late/", late.late, name="late"),
    path("meetings/<int:pk>/late/", late.late_meeting, name="late_meeting"),
    path("receipts/check/", receipts.verifier_page, name="verifier"),
    path("receipts/<str:kind>/<str:name>/<int:seq>/", receipts.receipt, name="receipt"),
    path("receipts/<str:kind>/<str:name>/<int:seq>/file/", receipts.receipt_file, name="receipt_file"),
    path("receipts/<str:kind>/<str:name>/<int:seq>/code/", receipts.receipt_code, name="receipt_code"),
    path("ledger/", record.ledger, name="ledger"),
    path("ledger/proven/", proven.proven, name="proven"),
    path("ledger/proven/clock/", proven.clock_right, name="clock_right"),
    path("audit/", audit.audit, name="audit"),
]
