"""The vendor's products as clients of the single sign-on: registering, disabling, their addresses and secrets."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from comptoir.access.clients import (
    ClientRow,
    Registered,
    change_addresses,
    disable_client,
    enable_client,
    find_client,
    register_client,
    renew_secret,
)
from comptoir.catalog.queries import products
from comptoir.tenancy.queries import trail_of

from .acts import ActForm, act_page
from .shell import StaffRequest, StaffVisit, door, page, staff_page


class ClientForm(ActForm):
    """A change of a client; the one to come has none yet."""

    def __init__(self, *args: Any, client: ClientRow | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client = client

    def named(self) -> dict[str, Any]:
        """Return which client it is, and who changes it."""
        assert self.client  # noqa: S101  the page names it
        return {"vendor_id": self.visit.vendor.id, "client_id": self.client.client_id, "actor": self.visit.actor}


class AddressesForm(ClientForm):
    """Say where a client's people are sent, and where it is told."""

    title, button = _("Change the addresses"), _("Save")
    done = _("Saved; it holds from now on.")

    def __init__(self, *args: Any, client: ClientRow | None = None, **kwargs: Any) -> None:
        super().__init__(*args, client=client, **kwargs)
        self.fields["redirect_uris"] = forms.CharField(
            label=_("Leads back to"),
            widget=forms.Textarea(attrs={"rows": 3}),
            max_length=4000,
            initial="\n".join(client.redirect_uris) if client else "",
            help_text=_("One address a line; after the login people go to exactly one of these."),
        )
        self.fields["post_logout_uris"] = forms.CharField(
            label=_("After a logout"),
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=4000,
            required=False,
            initial="\n".join(client.post_logout_uris) if client else "",
            help_text=_("One address a line; without any, people stay on the login page."),
        )
        self.fields["backchannel_logout_uri"] = forms.CharField(
            label=_("Told of logins that end"),
            max_length=2000,
            required=False,
            initial=client.backchannel_logout_uri if client else "",
            help_text=_("Back-channel logout: without it, a suspended customer stays in until the product asks again."),
        )

    def addresses(self) -> dict[str, Any]:
        """Return what was typed."""
        typed = self.cleaned_data
        return {
            "redirect_uris": typed["redirect_uris"].split(),
            "post_logout_uris": typed["post_logout_uris"].split(),
            "backchannel_logout_uri": typed["backchannel_logout_uri"],
        }

    def act(self) -> None:
        """Set them."""
        change_addresses(**self.named(), **self.addresses())


class RegisterForm(AddressesForm):
    """Register a product."""

    title, button = _("Register a product"), _("Register the product")
    note = _(
        "People of your customers then log in to it at Comptoir. You get an id and a secret for its configuration."
    )
    made: Registered

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sold = products(self.visit.vendor.id)
        self.fields["product"] = forms.ChoiceField(
            label=_("Product"), choices=[(product.code, product.name) for product in sold]
        )
        self.order_fields(["product"])

    def act(self) -> None:
        """Register it."""
        self.made = register_client(
            vendor_id=self.visit.vendor.id,
            product_code=self.cleaned_data["product"],
            actor=self.visit.actor,
            **self.addresses(),
        )


class SecretForm(ClientForm):
    """Give a client another secret."""

    title, button = _("Give it another secret"), _("Make another secret")
    note = _("The present secret is refused at once: nobody comes in to the product until it has the new one.")
    made: Registered

    def act(self) -> None:
        """Make it."""
        self.made = renew_secret(**self.named())


class DisableForm(ClientForm):
    """Let nobody come in by a client."""

    title, button = _("Disable the product"), _("Disable it")
    done = _("Disabled. Whoever had come in by it is being logged out.")
    note = _("Nobody logs in to the product any more, and whoever is in is logged out. It can be enabled again.")

    def act(self) -> None:
        """Disable it."""
        disable_client(**self.named(), now=self.visit.now)


class EnableForm(ClientForm):
    """Let people come in by a client again."""

    title, button = _("Enable the product again"), _("Enable it again")
    done = _("Enabled. People log in to the product again, with the secret that it had.")

    def act(self) -> None:
        """Enable it."""
        enable_client(**self.named())


ACTS: dict[str, type[ClientForm]] = {
    "addresses": AddressesForm,
    "secret": SecretForm,
    "disable": DisableForm,
    "enable": EnableForm,
}


@require_safe
@staff_page("admin")
def detail(request: StaffRequest, client: str) -> HttpResponse:
    """Show one client, and every change of it."""
    return _detail(request, client)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("admin")
def new(request: StaffRequest) -> HttpResponse:
    """Register a product, and show its id and secret: this once, and nowhere else."""
    visit = request.visit
    return act_page(
        request,
        make=lambda posted: RegisterForm(posted, visit=visit),
        back=reverse("console:programs", kwargs={"vendor": visit.vendor.slug}),
        context={"of": gettext("Programs")},
        answer=lambda form: _detail(request, form.made.client_id, secret=form.made.secret),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("admin")
def act(request: StaffRequest, client: str, what: str) -> HttpResponse:
    """Change one client."""
    visit, form_class = request.visit, ACTS.get(what)
    if form_class is None:
        raise Http404
    row = _client(visit, client)

    def shown_once(form: SecretForm) -> HttpResponse:
        return _detail(request, client, secret=form.made.secret)

    return act_page(
        request,
        make=lambda posted: form_class(posted, visit=visit, client=row),
        back=reverse("console:client", kwargs={"vendor": visit.vendor.slug, "client": client}),
        context={"of": row.product_name, "what": row.product_name},
        answer=shown_once if form_class is SecretForm else None,
    )


def _detail(request: StaffRequest, client_id: str, *, secret: str = "") -> HttpResponse:
    row = _client(request.visit, client_id)
    with door(request.visit):
        trail = trail_of(subject=row.subject)
    context = {
        "client": row,
        "secret": secret,
        "trail": trail,
        "discovery": f"{settings.BASE_URL}{reverse('openid_configuration')}",
    }
    return page(request, "console/client.html", context)


def _client(visit: StaffVisit, client_id: str) -> ClientRow:
    with door(visit):
        row = find_client(vendor_id=visit.vendor.id, client_id=client_id)
    if row is None:
        raise Http404
    return row
