"""Double entry. A batch is written and closed in one transaction; nothing posted ever changes."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from comptoir.tenancy.models import Company, Vendor


class AccountCode(models.TextChoices):
    """The accounts that every vendor has, per currency."""

    RECEIVABLE = "receivable"
    DEFERRED_REVENUE = "deferred_revenue"
    REVENUE = "revenue"
    TAX_PAYABLE = "tax_payable"
    PROCESSOR_CLEARING = "processor_clearing"
    PROCESSOR_FEES = "processor_fees"
    BANK = "bank"
    CUSTOMER_CREDIT = "customer_credit"
    DISPUTED = "disputed"
    SUSPENSE = "suspense"
    BAD_DEBT = "bad_debt"
    OPENING_BALANCE = "opening_balance"


class LedgerAccount(models.Model):
    """One account of a vendor's books, in one currency; tax payable is one per jurisdiction, named by ``part``."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    code = models.TextField(choices=AccountCode.choices)
    part = models.TextField(default="", db_default="", blank=True, help_text="a jurisdiction's code, e.g. US-IL")
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "code", "part", "currency"], name="ledger_account_once"),
            models.CheckConstraint(condition=Q(code__in=AccountCode.values), name="ledger_account_code_is_known"),
            models.CheckConstraint(
                condition=Q(code="tax_payable") & ~Q(part="") | ~Q(code="tax_payable") & Q(part=""),
                name="tax_alone_is_by_jurisdiction",
            ),
        ]


class JournalBatch(models.Model):
    """Entries posted together. Checked as a whole when its transaction commits, closed from then on."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    posted_on = models.DateField()
    reason = models.TextField(help_text="what was posted, e.g. bill_run:4 or payment:17")
    recorded_at = models.DateTimeField(db_default=Now())
    closed = models.BooleanField(default=False, db_default=False, help_text="set by the database at commit")

    class Meta:
        verbose_name_plural = "journal batches"


class JournalEntry(models.Model):
    """One balanced entry: its postings add up to zero."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(JournalBatch, on_delete=models.PROTECT, db_constraint=False)
    description = models.TextField()

    class Meta:
        verbose_name_plural = "journal entries"


class Posting(models.Model):
    """One side of an entry, in minor units of its account's currency: a debit above zero, a credit below.

    ``document_id`` names the invoice that a posting to the receivable belongs to. What moves between the vendor's own
    accounts (bank, suspense, the processor's) may be nobody's: then there is no company. Parents are checked by set,
    for the whole batch at commit, since these rows come by the million.
    """

    pk = models.CompositePrimaryKey("entry_id", "position")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    position = models.SmallIntegerField()
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False)
    document_id = models.BigIntegerField(null=True)
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="posting_is_not_zero"),
        ]
        indexes = [
            models.Index(fields=["document_id"], condition=Q(document_id__isnull=False), name="posting_by_document"),
        ]


class BookClosing(models.Model):
    """Through which day a vendor's books are closed; the latest row counts. Only ever forward."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT)
    closed_through = models.DateField(help_text="the last closed day")
    closed_by = models.TextField()
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "closed_through"], name="books_closed_once_through_a_day"),
            models.CheckConstraint(condition=~Q(reason=""), name="closing_says_why"),
        ]
