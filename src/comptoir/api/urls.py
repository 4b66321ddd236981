"""Where other systems talk to this one."""

from django.urls import path

from . import webhooks

app_name = "api"
urlpatterns = [
    path("webhooks/stripe", webhooks.stripe, name="stripe_webhook"),
    path("webhooks/mail", webhooks.mail_provider, name="mail_webhook"),
    path("webhooks/returned-mail", webhooks.returned_mail, name="returned_mail_webhook"),
]
