"""What the book says of each person, as the guard asks it; the row is also the lock under which a person's contacts are counted."""

from django.db import models

from sulah.records.seal import Sealed


class Standing(Sealed):
    """One person as the last published day knows them, changed only where the day differs.

    loans holds one mapping a loan (loan_id, loan_type, product, overdue_paise, demand_paise, charge_paise, next_due_on, open, parties,
    limitation_on, last_paid_on, branch_id).  numbers maps the blind index of a number on file to [whose, standing],
    of an e-mail address to [whose, standing, email].  branches are
    those of the loans.  digest is of the published content; empty where the book does not know the person, and the row is only the
    lock.  as_of is the business date of the last change.
    """

    person = models.CharField(primary_key=True, max_length=64)
    household = models.CharField(max_length=64, blank=True)
    pincode = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=16, blank=True)
    centre_id = models.CharField(max_length=64, blank=True)
    deceased_on = models.DateField(null=True, blank=True)
    loans = models.JSONField(default=list)
    numbers = models.JSONField(default=dict)
    branches = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    as_of = models.DateField(null=True, blank=True)
    NAMED = "standing of a person"

    class Meta:
        """Asked by person; by household and PIN code where an occasion or a calamity covers many."""

        indexes = (
            models.Index(fields=("household",), name="standing_household"),
            models.Index(fields=("pincode",), name="standing_pincode"),
        )


class StandingBook(Sealed):
    """One publication of standings that was finished: of which day, from which run, how many rows it changed."""

    as_of = models.DateField(db_index=True)
    run_path = models.CharField(max_length=300)
    counts = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=150)
    NAMED = "publication of standings"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
