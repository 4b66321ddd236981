"""Where other systems talk to this one."""

from django.urls import path

from . import webhooks

app_name = "api"
urlpatterns = [
    path("webhooks/stripe", webhooks.stripe, name="stripe_webhook"),
]
