"""The customer's pages; all of one company's lie under its public id."""

from django.urls import path

from . import help as help_page
from . import home, invoices, stores

app_name = "portal"
urlpatterns = [
    path("<uuid:company>/", home.home, name="home"),
    path("<uuid:company>/invoices/", invoices.listing, name="invoices"),
    path("<uuid:company>/invoices/<uuid:invoice>/", invoices.detail, name="invoice"),
    path("<uuid:company>/invoices/<uuid:invoice>/pdf/", invoices.pdf, name="invoice_pdf"),
    path("<uuid:company>/stores/", stores.stores, name="stores"),
    path("<uuid:company>/help/", help_page.questions, name="help"),
]
