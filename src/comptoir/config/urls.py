"""Every page there is."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from comptoir.api.programs import programs
from comptoir.console.joining import console_invitation
from comptoir.portal.mailed_links import billing_email_link, recipient_link
from comptoir.portal.people import company_invitation
from comptoir.portal.transfer_link import transfer_link

from .brand import brand_css, brand_logo
from .health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comptoir.sso.urls")),
    path("", include("comptoir.api.urls")),
    path("", programs.urls),
    path("c/", include("comptoir.portal.urls")),
    path("console/", include("comptoir.console.urls")),
    path("join/<str:token>/", console_invitation, name="console_invitation"),
    path("invited/<str:token>/", company_invitation, name="company_invitation"),
    path("billing-email/<str:token>/", billing_email_link, name="billing_email_link"),
    path("bills-to/<str:token>/", recipient_link, name="recipient_link"),
    path("change-of-owner/<str:token>/", transfer_link, name="transfer_link"),
    path("brand/<slug:vendor>.css", brand_css, name="brand_css"),
    path("brand/<slug:vendor>/logo", brand_logo, name="brand_logo"),
    path("healthz", healthz, name="healthz"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("comptoir.demo.urls")))
