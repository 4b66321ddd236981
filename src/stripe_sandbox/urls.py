"""Which function answers which address."""

from django.urls import path

from . import api, controls, hosted, verifying

urlpatterns = [
    path("v1/<path:path>", api.api),
    path("c/pay/<slug:identifier>", hosted.page),
    path("c/verify/<slug:identifier>", verifying.page),
    path("healthz", api.healthz),
    path("sandbox/", controls.overview),
    path("sandbox/faults", controls.fault_switches),
    path("sandbox/accounts/<slug:identifier>/clock", controls.account_clock),
    path("sandbox/accounts/<slug:identifier>/faults", controls.fault_switches),
    path("sandbox/accounts/<slug:identifier>/disputes/<slug:dispute>", controls.decide_dispute),
    path("sandbox/accounts/<slug:identifier>/replace-card", controls.replace_card),
    path("sandbox/accounts/<slug:identifier>/returns", controls.return_debit),
    path("sandbox/accounts/<slug:identifier>/complaints", controls.complain),
]
