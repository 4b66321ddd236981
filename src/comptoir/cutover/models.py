"""Moving companies from the old system: what was imported, who moves when, who was told."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from comptoir.identity.models import User
from comptoir.subscriptions.models import Subscription
from comptoir.tenancy.models import Company, Vendor

from .comparison import models as comparison_models  # noqa: F401  Django finds the package's tables here


class ImportStatus(models.TextChoices):
    """Where an import stands."""

    REQUESTED = "requested"
    DONE = "done"
    REFUSED = "refused"


class ImportKind(models.TextChoices):
    """What a file of the old system is about."""

    CUSTOMERS = "customers"
    INVOICES = "invoices"
    PAPERS = "papers"


class LegacyImport(models.Model):
    """One reading of the old system's export, with its report. A trial takes nothing: it reports what would be."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    kind = models.TextField(choices=ImportKind.choices, default=ImportKind.CUSTOMERS)
    is_trial = models.BooleanField(default=False)
    profile_name = models.TextField()
    profile = models.TextField(help_text="the mapping profile it was read through, in TOML")
    filename = models.TextField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    status = models.TextField(choices=ImportStatus.choices, default=ImportStatus.REQUESTED)
    requested_by = models.TextField()
    requested_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True, help_text="counts and findings; why, when it was refused as a whole")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="import_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=ImportKind.values), name="import_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status="requested", finished_at=None, report=None)
                | (~Q(status="requested") & Q(finished_at__isnull=False, report__isnull=False)),
                name="finished_import_has_its_report",
            ),
        ]


class ImportStep(models.TextChoices):
    """What an import that is under way does."""

    READING = "reading"
    WRITING = "writing"


class ImportProgress(models.Model):
    """How far an import has come: lines of the file while it is read, parts of it while it is written."""

    read = models.OneToOneField(LegacyImport, on_delete=models.PROTECT, primary_key=True, related_name="progress")
    step = models.TextField(choices=ImportStep.choices)
    done = models.PositiveIntegerField()
    total = models.PositiveIntegerField(help_text="0: nobody knows yet")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(step__in=ImportStep.values), name="import_step_is_known"),
        ]


class ImportChange(models.Model):
    """A field that an import changed, or as a trial would have, of a customer that was here before; "" is nothing."""

    read = models.ForeignKey(LegacyImport, on_delete=models.PROTECT, related_name="changes", db_index=False)
    number = models.TextField(help_text="the customer's")
    item = models.TextField(blank=True, help_text="the store's number or the service's key; empty: the customer itself")
    field = models.TextField()
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="import_change_changes"),
        ]
        indexes = [models.Index(fields=["read", "id"], name="changes_of_an_import")]


class ImportSignOff(models.Model):
    """A manager has put the old system's own total beside an import's control total, and they are the same."""

    read = models.OneToOneField(LegacyImport, on_delete=models.PROTECT, primary_key=True, related_name="sign_off")
    control_total = models.TextField(help_text="as both sides have it")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT)
    signed_by_name = models.TextField()
    signed_at = models.DateTimeField()


class UndoStatus(models.TextChoices):
    """Where the undoing of an import stands."""

    REQUESTED = "requested"
    DONE = "done"
    REFUSED = "refused"


class ImportUndo(models.Model):
    """What an import brought was to be taken away again: it was, or something had been built upon it."""

    read = models.ForeignKey(LegacyImport, on_delete=models.PROTECT, related_name="undos")
    reason = models.TextField(help_text="why, in the words of who asked")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT)
    requested_by_name = models.TextField()
    requested_at = models.DateTimeField(db_default=Now())
    status = models.TextField(choices=UndoStatus.choices, default=UndoStatus.REQUESTED)
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True, help_text="what was taken away, by name; what was in the way, when refused")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=UndoStatus.values), name="undo_status_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="undo_says_why"),
            models.CheckConstraint(
                condition=Q(status="requested", finished_at=None, report=None)
                | (~Q(status="requested") & Q(finished_at__isnull=False, report__isnull=False)),
                name="finished_undo_has_its_report",
            ),
            models.UniqueConstraint(fields=["read"], condition=~Q(status="refused"), name="import_is_undone_once"),
        ]


class PaidBy(models.TextChoices):
    """How the old system took payment, whatever its own words for it are."""

    ACH = "ach"
    CARD = "card"
    CHECK = "check"
    OTHER = "other"


class LegacyCompany(models.Model):
    """What the old system said of a company when it was last imported."""

    company = models.OneToOneField(Company, on_delete=models.PROTECT)
    content_hash = models.CharField(max_length=64, help_text="of the imported data: the same again is unchanged")
    paid_by = models.TextField(choices=PaidBy.choices)
    paid_by_words = models.TextField(help_text="how the old system took payment, in its own words")
    phone = models.TextField(default="", blank=True)
    balance_minor = models.BigIntegerField(help_text="owed in the old system; below zero: was owed")
    last_invoice_number = models.TextField(default="", blank=True)
    last_invoice_minor = models.BigIntegerField(null=True)
    imported_by = models.ForeignKey(LegacyImport, on_delete=models.PROTECT)

    class Meta:
        verbose_name_plural = "legacy companies"
        constraints = [
            models.CheckConstraint(condition=Q(paid_by__in=PaidBy.values), name="legacy_paid_by_is_known"),
        ]


class WaveStatus(models.TextChoices):
    """Where a wave stands."""

    PLANNED = "planned"
    SENT = "sent"


class Wave(models.Model):
    """A group of companies moved together. ``version`` counts its changes: nobody decides on what they did not see."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    name = models.TextField()
    first_invoice_month = models.DateField(help_text="first day of the month whose invoices are the first made here")
    letter_on = models.DateField(null=True, help_text="when the letters are to go out; empty: not said")
    deadline = models.DateField(help_text="until when owners are asked to save a payment method")
    brings_balances = models.BooleanField(
        default=False, db_default=False, help_text="what is open in the old system is collected here from the move on"
    )
    criteria = models.JSONField(default=dict, help_text="which companies it is for, as filters; empty: hand-picked")
    status = models.TextField(choices=WaveStatus.choices, default=WaveStatus.PLANNED)
    sent_at = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True, help_text="business date")
    stopped_at = models.DateTimeField(
        null=True, help_text="since when nobody of it is moved any more, until it goes on"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "name"], name="wave_name_is_the_vendors_own"),
            models.CheckConstraint(
                condition=Q(status="planned", sent_at=None, sent_on=None)
                | Q(status="sent", sent_at__isnull=False, sent_on__isnull=False),
                name="sent_wave_has_its_time",
            ),
            models.CheckConstraint(condition=Q(first_invoice_month__day=1), name="first_invoice_month_is_a_first"),
            models.CheckConstraint(
                condition=Q(letter_on=None) | Q(letter_on__lte=F("deadline")), name="letter_goes_before_the_deadline"
            ),
            models.CheckConstraint(condition=Q(stopped_at=None) | Q(status="sent"), name="only_a_sent_wave_is_stopped"),
        ]


class NoticeKind(models.TextChoices):
    """What a moved company is told after its letter."""

    REMINDER = "reminder"
    DEADLINE = "deadline"


class WaveNotice(models.Model):
    """A day on which those of a wave are told again who have not finished; on its deadline, that they pay by check."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="notices")
    kind = models.TextField(choices=NoticeKind.choices)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NoticeKind.values), name="wave_notice_kind_is_known"),
            models.UniqueConstraint(fields=["wave", "kind", "due_on"], name="wave_notice_once_a_day"),
            models.UniqueConstraint(fields=["wave"], condition=Q(kind="deadline"), name="wave_has_one_deadline"),
        ]


class HoldOut(models.Model):
    """A company that a wave leaves out although its criteria fit, and why."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="hold_outs")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    reason = models.TextField()
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "company"], name="held_out_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_out_says_why"),
        ]


class ReachedBy(models.TextChoices):
    """How a moved company's letter reaches it."""

    EMAIL = "email"
    PAPER = "paper"
    CALL = "call"


class Move(models.Model):
    """One company in a wave. It is moved once, unless it was taken back before it had any invoice here."""

    public_id = models.UUIDField(
        unique=True, db_default=RandomUUID(), help_text="in its letter's link, which opens nothing"
    )
    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="moves")
    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    moved_on = models.DateField(null=True, help_text="business date from which it is billed here")
    moved_at = models.DateTimeField(null=True)
    problem = models.TextField(default="", blank=True, help_text="why it could not be moved when that was tried")
    reached_by = models.TextField(choices=ReachedBy.choices, default="", blank=True)
    letter_to = models.EmailField(default="", blank=True, help_text="empty: no address, the letter goes on paper")
    letter_sent_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True, help_text="when its letter was put together for the printer")
    called_at = models.DateTimeField(null=True)
    call_note = models.TextField(default="", blank=True, help_text="what was said on the telephone")
    portal_opened_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_why = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(letter_sent_at=None) | ~Q(letter_to=""), name="letter_went_to_an_address"
            ),
            models.UniqueConstraint(fields=["company"], condition=Q(taken_back_at=None), name="company_moves_once"),
            models.CheckConstraint(
                condition=Q(moved_on=None, moved_at=None, reached_by="", letter_sent_at=None)
                | (Q(moved_on__isnull=False, moved_at__isnull=False) & Q(reached_by__in=ReachedBy.values)),
                name="moved_company_has_its_day_and_is_told",
            ),
            models.CheckConstraint(condition=Q(problem="") | Q(moved_on=None), name="moved_company_had_no_problem"),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_why="")
                | (Q(taken_back_at__isnull=False) & ~Q(taken_back_why="")),
                name="company_taken_back_says_why",
            ),
            models.CheckConstraint(
                condition=Q(called_at=None, call_note="") | (Q(called_at__isnull=False) & ~Q(call_note="")),
                name="call_has_its_note",
            ),
        ]


class Handover(models.Model):
    """Where the old system stopped and Comptoir goes on: a service of a moved company, its first day billed here."""

    move = models.ForeignKey(Move, on_delete=models.PROTECT, related_name="handovers")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT)
    billed_through = models.DateField(help_text="first day that the old system has not billed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["move", "subscription"], name="service_is_handed_over_once"),
        ]


class LetterWhy(models.TextChoices):
    """What made a letter go out."""

    FIRST = "first"
    NEXT_ADDRESS = "next_address"
    AGAIN = "again"


class Letter(models.Model):
    """A letter as it was written: by mail, to whom; or on paper. The latest of a move counts."""

    move = models.ForeignKey(Move, on_delete=models.PROTECT, related_name="letters")
    reference = models.TextField(unique=True, help_text="under which its paper is kept, and its mail is known")
    to = models.EmailField(default="", blank=True, help_text="empty: on paper")
    why = models.TextField(choices=LetterWhy.choices)
    request = models.UUIDField(null=True, unique=True, help_text="what asked for it, so that it is written once")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(why__in=LetterWhy.values), name="letter_reason_is_known"),
        ]


class DeadlinePaper(models.Model):
    """The word at the deadline, on paper for whom no mail reaches: kept as a document, and waiting until printed."""

    move = models.OneToOneField(Move, on_delete=models.PROTECT, primary_key=True, related_name="deadline_paper")
    written_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True, help_text="when it was put together for the printer")


class LetterText(models.Model):
    """What a vendor's team wrote in the place of a shipped letter, in one language; the latest counts.

    Empty words bring the shipped ones back.
    """

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    kind = models.TextField()
    language = models.CharField(max_length=2)
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    written_by = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["letter", "reminder", "deadline"]), name="letter_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(language__in=["en", "fr", "es"]), name="letter_language_is_known"),
            models.CheckConstraint(
                condition=Q(subject="", body="") | (~Q(subject="") & ~Q(body="")), name="letter_has_subject_and_body"
            ),
        ]
        indexes = [models.Index(fields=["vendor", "kind", "language", "-id"], name="letter_text_editions")]
