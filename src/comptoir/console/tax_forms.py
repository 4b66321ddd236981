"""What is asked about a company's taxes: exemption certificates."""

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.kit.safe_words import SafeWords
from comptoir.taxes.operations import add_certificate, end_certificate
from comptoir.taxes.queries import certificates, countries_and_states

from .service_forms import CompanyAct


class CertificateForm(CompanyAct):
    """Put an exemption certificate on record."""

    title, button = _("Add an exemption certificate"), _("Put it on record")
    done = _("The certificate counts for invoices dated while it is valid.")

    def ask(self) -> None:
        """Ask where, which, why and how long."""
        places = [(row.code, f"{row.code} {row.name}") for row in countries_and_states()]
        self.fields["place"] = forms.ChoiceField(
            label=_("Where"), choices=places, help_text=_("It counts there, with all counties and cities.")
        )
        self.fields["number"] = forms.CharField(label=_("Number"), max_length=80)
        self.fields["reason"] = SafeWords(label=_("Why it is exempt"), max_length=200)
        self.fields["valid_from"] = self.day(_("From"))
        self.fields["valid_until"] = self.day(_("Until before"), required=False, help_text=_("Empty: without an end."))

    def act(self) -> None:
        """Put it on record."""
        given = self.cleaned_data
        add_certificate(
            **self.who,
            vendor_id=self.visit.vendor.id,
            jurisdiction_code=given["place"],
            number=given["number"],
            reason=given["reason"],
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
        )


class EndCertificateForm(CompanyAct):
    """End an exemption certificate."""

    title, button, done = _("End a certificate"), _("End it"), _("The certificate counts no more from that day on.")

    def ask(self) -> None:
        """Ask which and when."""
        kept = [(str(row.id), f"{row.jurisdiction_code} {row.number}") for row in certificates(self.company.id)]
        self.fields["certificate"] = forms.ChoiceField(label=_("Certificate"), choices=kept)
        self.fields["until"] = self.day(_("First day on which it does not count"))

    def act(self) -> None:
        """End it."""
        given = self.cleaned_data
        end_certificate(
            **self.who,
            vendor_id=self.visit.vendor.id,
            certificate_id=int(given["certificate"]),
            until=given["until"],
        )
