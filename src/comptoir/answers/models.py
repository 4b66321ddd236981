"""What a vendor's team wrote in the place of the shipped answers, or besides them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from comptoir.tenancy.models import Vendor


class AnswerEdition(models.Model):
    """A question and its answer (Markdown) in one language, as somebody wrote it; the latest of a key counts.

    Never changed: who wants the earlier words back writes them again.
    """

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, db_index=False)
    language = models.CharField(max_length=2)
    key = models.TextField(help_text="what addresses call the question, in every language")
    question = models.TextField()
    body = models.TextField()
    position = models.PositiveSmallIntegerField(help_text="in the list; shipped ones stand at 10, 20, 30 and so on")
    is_shown = models.BooleanField()
    written_by = models.TextField()
    written_by_id = models.BigIntegerField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(language__in=["en", "fr", "es"]), name="answer_language_is_known"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9-]{1,60}$"), name="answer_key_is_for_addresses"),
            models.CheckConstraint(condition=~Q(question="") & ~Q(body=""), name="answer_has_words"),
        ]
        indexes = [models.Index(fields=["vendor", "language", "key", "-id"], name="answer_editions")]
