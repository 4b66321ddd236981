"""A page that asks what is needed for one change, makes it, and goes back: the same for every change."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Self
from uuid import uuid4

from babel.numbers import get_currency_precision
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise

from comptoir.kit.errors import ComptoirError
from comptoir.tenancy.errors import AlreadyDone
from comptoir.tenancy.once import refuse_if_taken, take_reference

from .shell import StaffRequest, StaffVisit, door, page

Words = str | Promise


class AmountField(forms.DecimalField):
    """An amount as people write it, 12.50; its value is in minor units of ``currency``."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        self._places = get_currency_precision(currency)
        super().__init__(max_digits=12, decimal_places=self._places, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Write minor units the way that they are typed."""
        return Decimal(value).scaleb(-self._places) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return what was typed in minor units, or None."""
        amount = super().clean(value)
        return None if amount is None else int(amount.scaleb(self._places))


class OnceForm(forms.Form):
    """A form whose page carries a reference, so that it does what it asks for once, however often it is sent."""

    def __init__(self, *args: Any, visit: StaffVisit, **kwargs: Any) -> None:
        self.visit = visit
        super().__init__(*args, **kwargs)
        self.reference: str = self.data.get("reference", "") if self.is_bound else str(uuid4())

    def refuse_if_taken(self) -> None:
        """Look the reference up before the form is read. Raises AlreadyDone where it did what it asks for."""
        refuse_if_taken(vendor_id=self.visit.vendor.id, reference=self.reference)

    def take_reference(self) -> None:
        """Keep the reference, within the door in which the change is made. Raises AlreadyDone."""
        take_reference(vendor_id=self.visit.vendor.id, reference=self.reference)


class ActForm(OnceForm):
    """What a change needs to know, and how it is made. ``onward`` is where it leads, if not back."""

    title: Words
    button: Words
    done: Words
    note: Words = ""
    onward: str = ""

    @classmethod
    def about(
        cls, visit: StaffVisit, *, initial: Mapping[str, Any] | None = None, **what: Any
    ) -> Callable[[Any], Self]:
        """Return what makes the form for what was posted, each of ``what`` being an attribute of it."""

        def make(posted: Any) -> Any:
            form = cls(posted, visit=visit, initial=initial)
            for name, value in what.items():
                setattr(form, name, value)
            return form

        return make

    def act(self) -> None:
        """Make the change, within the vendor's door. What it raises is said on the form."""
        raise NotImplementedError


def act_page(
    request: StaffRequest,
    *,
    make: Callable[[Any], ActForm],
    back: str,
    context: dict[str, Any],
    template: str = "console/act.html",
    answer: Callable[[Any], HttpResponse] | None = None,
) -> HttpResponse:
    """Show a change's form, or make the change and go ``back``; a refusal is said, and nothing typed is lost.

    ``make`` returns the form for what was posted, or for None. ``answer`` shows, in place of going back, what the
    change gave that can be shown this once alone.
    """
    visit = request.visit
    try:
        with door(visit):
            form = make(request.POST if request.method == "POST" else None)
            if form.is_bound:
                form.refuse_if_taken()
        if form.is_bound and form.is_valid() and _made(form):
            if answer:
                return answer(form)
            messages.success(request, str(form.done))
            return redirect(form.onward or back)
    except AlreadyDone as error:
        messages.info(request, str(error))
        return redirect(back)
    return page(request, template, {"form": form, "back": back, **context})


def _made(form: ActForm) -> bool:
    try:
        with door(form.visit):
            form.take_reference()
            form.act()
    except AlreadyDone:
        raise
    except ComptoirError as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error))
        return False
    return True
