"""Handing files over."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from .queries import FileContent


def as_download(file: FileContent) -> HttpResponse:
    """Return a file to be kept, never shown: what a stranger put into it never runs as one of our pages."""
    return HttpResponse(
        file.content,
        content_type=file.media_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name) or "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
