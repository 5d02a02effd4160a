"""What people have to do because of what a borrower said: read it, call back, look for a payment, answer a complaint."""

from django.db import models
from django.db.models import Q

from sulah.records.contact.heard import Heard


class Task(models.Model):
    """One thing to do about one person; opened once for a cause, closed once with words.

    kind: a TaskKind of actions/talk/open_task.py.  urgent: before everything else, at once.  due_at: by when.  about: what it is about, an
    id (of a complaint, a number's blind index), never words of the person.
    """

    kind = models.CharField(max_length=24)
    person = models.CharField(max_length=64, blank=True)
    heard = models.ForeignKey(Heard, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    about = models.CharField(max_length=80, blank=True)
    urgent = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150)
    due_at = models.DateTimeField()
    taken_by = models.CharField(max_length=150, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        """Open ones, urgent first, in order of their time; one open task of a kind a person and cause."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("-urgent", "due_at"), condition=Q(closed_at__isnull=True), name="task_open"),
            models.Index(fields=("person",), name="task_person"),
            models.Index(fields=("opened_at",), condition=Q(closed_at__isnull=True), name="task_waits"),
        )
        constraints = (models.UniqueConstraint(fields=("kind", "person", "about"), condition=Q(closed_at__isnull=True), name="task_once"),)


class Complaint(models.Model):
    """One complaint or dispute with its number and clock; `reply_by` is the last day for an answer.

    number is told to the person.  kind: complaint or dispute.  heard: the message that made it.  closed with words: answered or frivolous.
    """

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=12)
    person = models.CharField(max_length=64, db_index=True)
    heard = models.ForeignKey(Heard, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=150)
    reply_by = models.DateField()
    state = models.CharField(max_length=12, default="open")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        """By the day of the answer."""

        ordering = ("reply_by", "id")
        indexes = (models.Index(fields=("reply_by",), condition=Q(state="open"), name="complaint_open"),)


class PersonNumber(models.Model):
    """Whose numbers are whose, by blind index, for hearing who it was: kept with the standings of people, and by marks on numbers."""

    number_key = models.CharField(max_length=64)
    person = models.CharField(max_length=64, db_index=True)

    class Meta:
        """Once a pair."""

        constraints = (models.UniqueConstraint(fields=("number_key", "person"), name="person_number_once"),)


class LanguageWish(models.Model):
    """The language in which a person asked to be written to; the last one wins over the book's."""

    person = models.CharField(max_length=64, db_index=True)
    language = models.CharField(max_length=8)
    at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
