"""Where the processor and mail providers tell their news. They are answered when what they said is committed."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from comptoir.kit.clocks import wall_now
from comptoir.mailer import reports
from comptoir.mailer.errors import BadReport
from comptoir.mailer.reports import Report
from comptoir.payments.gateways import BadSignature
from comptoir.payments.operations import put_down, read_news
from comptoir.tenancy import doors


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Put a signed event down, once; a repeated one is answered the same. 400 for what is not signed."""
    try:
        news = read_news(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except BadSignature as refusal:
        return _refused(refusal)
    put_down(news)
    return HttpResponse(status=200)


@csrf_exempt
@require_POST
def mail_provider(request: HttpRequest) -> HttpResponse:
    """Put down what a provider reports of messages, once. 400 for what is not signed."""
    try:
        told = reports.read_provider_reports(request)
    except BadReport as refusal:
        return _refused(refusal)
    return _taken(told)


@csrf_exempt
@require_POST
def returned_mail(request: HttpRequest) -> HttpResponse:
    """Put down what a message of the mail system says, which a mail server forwards. 400 for what is not signed."""
    try:
        told = reports.read_mail_report(body=request.body, headers=request.headers, now=wall_now())
    except BadReport as refusal:
        return _refused(refusal)
    return _taken(told)


def _taken(told: Iterable[Report]) -> HttpResponse:
    with doors.intake():
        for report in told:
            reports.put_down(report)
    return HttpResponse(status=200)


def _refused(refusal: Exception) -> HttpResponse:
    return HttpResponse(str(refusal), status=400, content_type="text/plain; charset=utf-8")
