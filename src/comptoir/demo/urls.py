"""The demo's own pages; they are there only when the demo runs."""

from django.urls import path

from . import views

app_name = "demo"
urlpatterns = [
    path("", views.what_to_click, name="home"),
    path("export/<slug:vendor>/", views.export, name="export"),
    path("old-invoices/", views.old_invoices, name="old_invoices"),
    path("profile/<slug:vendor>/", views.profile, name="profile"),
    path("mail/", views.mailbox, name="mailbox"),
    path("mail/<str:mail_id>/", views.mail, name="mail"),
    path("mail/<str:mail_id>/page/", views.mail_page, name="mail_page"),
    path("mail/<str:mail_id>/attachments/<int:place>/", views.attachment, name="attachment"),
]
