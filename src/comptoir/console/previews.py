"""What customers get, with made-up facts: every mail and every paper, in each language and in the vendor's look."""

from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from comptoir.documents.queries import StoredPdf
from comptoir.documents.rendering import render
from comptoir.documents.serving import pdf_download
from comptoir.notices.composing import compose
from comptoir.notices.sample_papers import PAPERS, sample_document
from comptoir.notices.samples import NEWS, sample_news

from .shell import StaffRequest, door, page, staff_page

# A mail has its styles with it, and nothing else: no script, no picture from elsewhere, no form.
ALONE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@require_safe
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """List every mail and every paper, and what invoices say of the vendor."""
    context = {
        "mails": NEWS,
        "sheets": PAPERS,
        "languages": settings.LANGUAGES,
        "is_admin": request.visit.role == "admin",
    }
    return page(request, "console/previews.html", context)


@require_safe
@staff_page()
def preview(request: StaffRequest, word: str, what: str) -> HttpResponse:
    """Show a mail as its reader sees it, or ``?as=text``; or give a paper. ``word`` is the language."""
    visit = request.visit
    if word not in dict(settings.LANGUAGES) or what not in (*NEWS, *PAPERS):
        raise Http404
    if what in PAPERS:
        with door(visit):
            document = sample_document(what, vendor=visit.vendor, language=word)
        content = render(document)
        return pdf_download(StoredPdf(f"{what}-{word}.pdf", content, sha256(content).hexdigest()))
    name, facts = sample_news(what, vendor=visit.vendor, language=word)
    mail = compose(name=name, vendor=visit.vendor, language=word, facts=facts)
    if request.GET.get("as") == "text":
        return HttpResponse(f"{mail.subject}\n\n{mail.text}", content_type="text/plain; charset=utf-8")
    return HttpResponse(mail.html, headers={"Content-Security-Policy": ALONE})
