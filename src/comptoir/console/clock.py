"""A sandbox vendor's test clock."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comptoir.look.day_input import DayInput
from comptoir.tenancy import doors
from comptoir.tenancy.operations import request_clock_advance
from comptoir.tenancy.queries import clock_on_its_way

from .shell import StaffRequest, page, staff_page


class ClockForm(forms.Form):
    """Where the clock is to go."""

    to = forms.DateField(label=gettext_lazy("Move the clock to"), widget=DayInput())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page()
def index(request: StaffRequest) -> HttpResponse:
    """Show where the clock stands, and ask the worker to move it on, day by day."""
    visit = request.visit
    form = ClockForm(request.POST or None, initial={"to": visit.today + timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
            request_clock_advance(vendor_id=visit.vendor.id, to=form.cleaned_data["to"], actor=visit.actor)
        messages.info(request, _("The clock is moving on, day by day; what falls due on the way happens."))
        return redirect("console:clock", vendor=visit.vendor.slug)
    with doors.staff(user_id=visit.user_id, vendor_id=visit.vendor.id):
        way = clock_on_its_way(visit.vendor)
    if not request.headers.get("HX-Request"):
        return page(request, "console/clock.html", {"form": form, "way": way})
    answer = page(request, "console/_clock.html", {"way": way})
    if way is None:
        answer["HX-Refresh"] = "true"  # it has arrived: the whole page shows the day
    return answer
