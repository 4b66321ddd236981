"""The customer's pages; all of one company's lie under its public id."""

from django.urls import path

from . import agreements, autopay, contacts, home, invoices, messages, methods, pay, people, statements, stores
from . import help as help_page

app_name = "portal"
urlpatterns = [
    path("<uuid:company>/", home.home, name="home"),
    path("<uuid:company>/invoices/", invoices.listing, name="invoices"),
    path("<uuid:company>/invoices/<uuid:invoice>/", invoices.detail, name="invoice"),
    path("<uuid:company>/invoices/<uuid:invoice>/pdf/", invoices.pdf, name="invoice_pdf"),
    path("<uuid:company>/invoices/<uuid:invoice>/slip/", invoices.slip, name="invoice_slip"),
    path("<uuid:company>/statement/", statements.statement_page, name="statement"),
    path("<uuid:company>/statement/pdf/", statements.pdf, name="statement_pdf"),
    path("<uuid:company>/credit-notes/<uuid:note>/pdf/", invoices.credit_note, name="credit_note_pdf"),
    path("<uuid:company>/stores/", stores.stores, name="stores"),
    path("<uuid:company>/stores/missing/", stores.missing, name="store_missing"),
    path("<uuid:company>/stores/<uuid:store>/differs/", stores.differs, name="store_differs"),
    path("<uuid:company>/methods/", methods.methods, name="methods"),
    path("<uuid:company>/methods/agreements/", agreements.listing, name="agreements"),
    path("<uuid:company>/methods/agreements/<uuid:authorisation>/pdf/", agreements.pdf, name="agreement_pdf"),
    path("<uuid:company>/methods/add/<slug:word>/", methods.add, name="method_add"),
    path("<uuid:company>/methods/saved/<uuid:setup>/", methods.saved, name="method_saved"),
    path("<uuid:company>/methods/<uuid:method>/autopay/", methods.autopay, name="method_autopay"),
    path("<uuid:company>/methods/<uuid:method>/autopay/off/", methods.autopay_off, name="method_autopay_off"),
    path("<uuid:company>/methods/<uuid:method>/name/", methods.name, name="method_name"),
    path("<uuid:company>/methods/<uuid:method>/default/", methods.default, name="method_default"),
    path("<uuid:company>/methods/<uuid:method>/remove/", methods.remove, name="method_remove"),
    path("<uuid:company>/autopay/", autopay.overview, name="autopay"),
    path("<uuid:company>/autopay/limit/", autopay.limit, name="autopay_limit"),
    path("<uuid:company>/autopay/<uuid:invoice>/call-off/", autopay.call_off, name="autopay_call_off"),
    path("<uuid:company>/autopay/<uuid:invoice>/approve/", autopay.approve, name="autopay_approve"),
    path("<uuid:company>/pay/", pay.choose, name="pay"),
    path("<uuid:company>/pay/review/", pay.review, name="pay_review"),
    path("<uuid:company>/payments/<uuid:payment>/", pay.payment, name="payment"),
    path("<uuid:company>/payments/<uuid:payment>/receipt/", pay.receipt, name="payment_receipt"),
    path("<uuid:company>/payments/<uuid:payment>/left/", pay.payment_left, name="payment_left"),
    path("<uuid:company>/people/", people.people, name="people"),
    path("<uuid:company>/people/<int:person>/end/", people.end, name="person_end"),
    path("<uuid:company>/contacts/", contacts.billing, name="contacts"),
    path("<uuid:company>/messages/", messages.listing, name="messages"),
    path("<uuid:company>/messages/new/", messages.new, name="message_new"),
    path("<uuid:company>/messages/<uuid:thread>/", messages.detail, name="message"),
    path("<uuid:company>/messages/<uuid:thread>/close/", messages.close, name="message_close"),
    path("<uuid:company>/messages/<uuid:thread>/files/<uuid:file>/", messages.file, name="message_file"),
    path("<uuid:company>/help/", help_page.questions, name="help"),
]
