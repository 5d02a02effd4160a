"""The texts that a lender has registered or wants to register, what people did to them, and who signed a language off."""

from django.db import models

from sulah.records.seal import Sealed

DRAFT, SUBMITTED, APPROVED, RETIRED = "draft", "submitted", "approved", "retired"
STATES = (DRAFT, SUBMITTED, APPROVED, RETIRED)
"""A text is drafted, submitted with its registration, approved by a second person, and retired; only an approved one is sent."""


OWN = "own:"
"""How the name of a text begins that a lender brings in lender.toml."""
META = "meta"
"""The place of a WhatsApp template's name with Meta among the numbers of providers."""


class TextVersion(Sealed):
    """One version of one text in one language for one channel, with the sentences that it has.

    text is the registered form, to the letter, with {#var#}; variables are name:kind in its order; form holds the rest of it (subject,
    header, footer, buttons, opening, choices, closing); source is the row that it was written from.  sha256 is over text, variables and
    form: it never changes, and another text is another version.  lint is the verdict that it was submitted with.
    provider_ids: a gateway's own number of it, and under META its name with Meta where that is not the one that the bench proposes.
    A text of lender.toml has a name that begins with OWN; its form holds the digest of all that stands there.
    """

    name = models.CharField(max_length=72)
    language = models.CharField(max_length=8)
    channel = models.CharField(max_length=16)
    sentences = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField()
    text = models.TextField()
    variables = models.JSONField(default=list)
    form = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    author = models.CharField(max_length=150)
    state = models.CharField(max_length=10, default=DRAFT)
    category = models.CharField(max_length=24)
    dlt_template_id = models.CharField(max_length=19, blank=True)
    sms_header = models.CharField(max_length=6, blank=True)
    provider_ids = models.JSONField(default=dict)
    lint = models.JSONField(default=dict)
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=150)
    submitted_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    NAMED = "text"

    class Meta:
        """A version is there once; of the approved ones, one at a time."""

        ordering = ("name", "language", "channel", "sentences", "version")
        constraints = (
            models.UniqueConstraint(fields=("name", "language", "channel", "sentences", "version"), name="text_version_once"),
            models.UniqueConstraint(
                fields=("name", "language", "channel", "sentences"), condition=models.Q(state=APPROVED), name="text_one_approved"
            ),
        )


class TextApproval(Sealed):
    """One act on one version; only added.  kind: draft, submit, give_back, approve or retire."""

    text = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    NAMED = "act on a text"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)


class LanguageReview(Sealed):
    """A native reader named by the lender went over a language, or the sign-off was taken back; only added, and the last entry wins.

    digest is over the texts of the language as they were read: texts that were changed since are signed off by nobody.
    """

    language = models.CharField(max_length=8, db_index=True)
    signed_off = models.BooleanField()
    reader = models.CharField(max_length=150)
    read_on = models.DateField()
    note = models.TextField(blank=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    NAMED = "review of a language"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
