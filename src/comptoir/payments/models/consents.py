"""What a customer said to the billing team, by which one payment was made for it."""

from django.db import models
from django.db.models import Q

from comptoir.identity.models import User
from comptoir.tenancy.models import Company

from .payments import Payment


class ConsentChannel(models.TextChoices):
    """How a customer told the team to take a payment."""

    PHONE = "phone"
    E_MAIL = "e_mail"
    LETTER = "letter"
    IN_PERSON = "in_person"


class RecordedConsent(models.Model):
    """A customer's consent to one payment, as the billing team recorded it. Never changed.

    ``text`` is the whole statement, with amount, method and date, as it is sent to the customer too; ``words`` are what
    the customer said.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="recorded_consent")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    channel = models.TextField(choices=ConsentChannel.choices)
    given_by = models.TextField(help_text="who of the company consented")
    given_on = models.DateField()
    words = models.TextField()
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)
    recorded_by_label = models.TextField(help_text="their name, as it was then")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=ConsentChannel.values), name="consent_channel_is_known"),
            models.CheckConstraint(
                condition=~Q(given_by="") & ~Q(words="") & ~Q(text=""), name="recorded_consent_says_who_and_what"
            ),
        ]
