"""Who asked to be erased, what stood against it, who approved it, and the certificate; and legal holds, which stop it."""

from django.db import models

from sulah.records.seal import Sealed


class ErasureState(models.TextChoices):
    """asked, then refused or declined, or approved and done; readmitted: a new relationship began under the same id."""

    ASKED = "asked"
    REFUSED = "refused"
    DECLINED = "declined"
    APPROVED = "approved"
    DONE = "done"
    READMITTED = "readmitted"


class Erasure(Sealed):
    """One request to erase one person; person is the lender's id, which stays.  Rows are never deleted.

    kept_for: the reasons against it, by rule, with words and until when.  certificate: what was destroyed, what stays and until when.
    certificate_sha256 is over its canonical JSON.  approved means that a killed run is to be ended: the key goes, then it is done.
    """

    person = models.CharField(max_length=64, db_index=True)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=12, choices=ErasureState.choices)
    kept_for = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)
    certificate = models.JSONField(default=dict)
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    NAMED = "erasure"

    class Meta:
        """In the order of asking; one that waits a person."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=models.Q(state__in=("asked", "approved")), name="erasure_one_open_a_person"
            ),
        )


class LegalHold(Sealed):
    """The records of one person (empty: of all) are kept for a case until the hold is lifted; lifted at most once, never deleted."""

    person = models.CharField(max_length=64, blank=True, db_index=True)
    reason = models.CharField(max_length=300)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=150)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=150, blank=True)
    lift_reason = models.CharField(max_length=300, blank=True)
    NAMED = "legal hold"

    class Meta:
        """In the order of placing."""

        ordering = ("id",)


def erased_among(people: list[str]) -> set[str]:
    """Those of the people who are erased, and have not begun anew."""
    return set(Erasure.objects.filter(person__in=people, state=ErasureState.DONE).values_list("person", flat=True))
