"""Where the processor tells its news. It is answered only when what it said is committed."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

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
        return HttpResponse(str(refusal), status=400, content_type="text/plain; charset=utf-8")
    with doors.intake():
        put_down(news)
    return HttpResponse(status=200)
