"""Handing PDFs over."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from .queries import StoredPdf


def pdf_download(document: StoredPdf) -> HttpResponse:
    """This function will return a stored PDF as a file to keep."""
    return HttpResponse(
        document.content,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=document.filename)},
    )
