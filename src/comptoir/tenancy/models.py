"""Who owes whom, and who changed what."""

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

LONGEST_LEAD_DAYS = 90
LONGEST_TERMS_DAYS = 365


class KnownByLaw(models.Model):
    """What a seller or buyer is known by; ``legal_ids.LegalIds`` says what each is."""

    country = models.CharField(max_length=2, default="", blank=True)
    registration_scheme = models.CharField(max_length=4, default="", blank=True)
    registration_number = models.TextField(default="", blank=True)
    vat_id = models.TextField(default="", blank=True)
    tax_registration = models.TextField(default="", blank=True)
    electronic_scheme = models.CharField(max_length=4, default="", blank=True)
    electronic_address = models.TextField(default="", blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    country__regex=r"^([A-Z]{2})?$",
                    registration_scheme__regex=r"^([0-9]{4})?$",
                    vat_id__regex=r"^([A-Z]{2}[0-9A-Z+*]{2,13})?$",
                    electronic_scheme__regex=r"^([0-9]{4}|EM)?$",
                ),
                name="%(class)s_legal_ids_are_codes",
            ),
            models.CheckConstraint(
                condition=Q(registration_scheme="") | ~Q(registration_number=""), name="%(class)s_scheme_is_of_a_number"
            ),
            models.CheckConstraint(
                condition=Q(electronic_scheme="", electronic_address="")
                | (~Q(electronic_scheme="") & ~Q(electronic_address="")),
                name="%(class)s_electronic_address_has_a_scheme",
            ),
        ]


class Vendor(KnownByLaw):
    """A company that bills its customers through the platform."""

    slug = models.SlugField(unique=True)
    name = models.TextField(help_text="what its customers call it")
    legal_name = models.TextField()
    currency = models.CharField(max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$")])
    time_zone = models.TextField(default="America/New_York")
    language = models.CharField(max_length=2, default="en")
    address_lines = models.JSONField(default=list)
    email = models.EmailField(help_text="the billing team's address, shown to customers")
    phone = models.TextField(default="", blank=True)
    colour = models.CharField(max_length=7, default="#1f5f8b", validators=[RegexValidator(r"^#[0-9a-f]{6}$")])
    logo = models.BinaryField(null=True)
    logo_media_type = models.TextField(default="", blank=True)
    sender_name = models.TextField(
        default="", db_default="", blank=True, help_text="whom mail is from; empty: “… Billing”, in each language"
    )
    invoice_lead_days = models.PositiveSmallIntegerField(
        default=15, help_text="days before a period starts on which its invoice is issued"
    )
    terms_days = models.PositiveSmallIntegerField(
        default=0, help_text="days after a period starts on which its invoice is due"
    )
    late_penalty = models.DecimalField(
        max_digits=4, decimal_places=2, null=True, help_text="per cent a year on what is paid late, as invoices say it"
    )
    business_date = models.DateField(
        null=True, help_text="where a sandbox vendor's test clock stands; empty: the calendar's today counts"
    )

    class Meta:
        constraints = [
            *KnownByLaw.Meta.constraints,
            models.CheckConstraint(
                condition=Q(late_penalty=None) | Q(late_penalty__gt=0), name="vendor_late_penalty_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(invoice_lead_days__lte=LONGEST_LEAD_DAYS) & Q(terms_days__lte=LONGEST_TERMS_DAYS),
                name="vendor_terms_are_within_bounds",
            ),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="vendor_currency_is_a_code"),
            models.CheckConstraint(condition=Q(colour__regex=r"^#[0-9a-f]{6}$"), name="vendor_colour_is_hex"),
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9-]+$"), name="vendor_slug_is_lower_case"),
            models.CheckConstraint(
                condition=Q(logo__isnull=True) | ~Q(logo_media_type=""), name="vendor_logo_has_a_media_type"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Company(KnownByLaw):
    """A vendor's customer: the legal entity that owes."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, db_index=False)
    number = models.TextField(help_text="the customer number, as the vendor writes it")
    name = models.TextField()
    language = models.CharField(max_length=2, default="en")
    address_lines = models.JSONField(default=list)
    billed_since = models.DateField(
        null=True, help_text="the day on which its billing moved here; empty: the old system still bills it"
    )

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            *KnownByLaw.Meta.constraints,
            models.UniqueConstraint(fields=["vendor", "number"], name="company_number_is_the_vendors_own"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(name=""), name="company_has_number_and_name"),
            models.CheckConstraint(condition=Q(language__in=["en", "fr", "es"]), name="company_language_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class AuditEntry(models.Model):
    """Who changed what, when, from what to what, and why."""

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(db_default=Now())
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, null=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True)
    actor_kind = models.TextField(choices=[(kind, kind) for kind in ("customer", "staff", "system")])
    actor_user_id = models.BigIntegerField(null=True)
    actor_label = models.TextField()
    action = models.TextField()
    subject = models.TextField(help_text="what was changed, e.g. wave:3")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(default="", blank=True)
    request_id = models.TextField(default="", blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["company", "-id"], name="audit_by_company"),
            models.Index(F("vendor"), F("id").desc(), name="audit_by_vendor"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_kind="system") | Q(actor_user_id__isnull=False),
                name="audit_names_the_person",
            )
        ]


class DoorEvent(models.Model):
    """An event that pages may set in motion through a door; what is not listed here, only the worker says."""

    role = models.TextField(help_text="whose door: portal or staff")
    name = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "name"], name="door_event_once"),
            models.CheckConstraint(condition=Q(role__in=["portal", "staff"]), name="door_event_is_of_a_door"),
        ]


class DoneOnce(models.Model):
    """The reference of a form that did what it asks for, so that the same form sent again does nothing."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    reference = models.UUIDField()
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "reference"], name="form_is_done_once")]
