"""Every page there is, and one that does nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from comptoir.config.urls import urlpatterns as pages


def empty(request: HttpRequest) -> HttpResponse:
    """Answer, and do nothing else."""
    return HttpResponse()


urlpatterns = [*pages, path("bench/empty", empty)]
