"""Every answer of the guard, permits and refusals alike, and the overrides that people gave: the proof of what was allowed and why."""

from typing import Any

from django.db import models, transaction

from sulah.records.logged import DECISION, Happening, log_happenings, words_of
from sulah.records.seal import Sealed


class Decision(Sealed):
    """One answer of the guard with all that it was given; only added.

    intent, facts and verdicts are as they went in and came out: person by borrower id, numbers by blind index.  refused_by names the
    rules that said no, one a part, with spaces around each so that one can be searched for.  content_sha256 is over the canonical
    JSON of the decision, facts_sha256 over that of the facts; rules_version is the SHA-256 of the rules in force.
    """

    intent_id = models.CharField(max_length=160, db_index=True)
    person = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    purpose = models.CharField(max_length=24)
    at = models.DateTimeField()
    permitted = models.BooleanField()
    permit_until = models.DateTimeField(null=True, blank=True)
    next_lawful_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.TextField(blank=True)
    intent = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    verdicts = models.JSONField(default=dict)
    facts_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    rules_version = models.CharField(max_length=64)
    actor = models.CharField(max_length=150)
    NAMED = "decision"

    class Meta:
        """Searched by person, by time, and by what was refused."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("person", "at"), name="decision_person_at"),
            models.Index(fields=("permitted", "at"), name="decision_permitted_at"),
            models.Index(fields=("at",), name="decision_at"),
        )


def write_decision(**fields: Any) -> Decision:
    """Write a decision and its entry of the log; inside the transaction in which it was made."""
    decision = Decision(**fields)
    with transaction.atomic(savepoint=False):
        decision.save(force_insert=True)
        log_happenings([_happening(decision)])
    return decision


def decision_words(row: Decision) -> bytes:
    """What the log's entry of a decision commits to: whom, what was answered, and the seal over everything that it stores."""
    told = {"content": row.content_sha256, "facts": row.facts_sha256, "intent": row.intent_id, "permitted": row.permitted}
    return words_of({**told, "person": row.person, "refused_by": row.refused_by.split(), "rules": row.rules_version, "seal": row.seal})


def _happening(row: Decision) -> Happening:
    answer = "decision.permit" if row.permitted else "decision.refuse"
    return Happening(DECISION, row.pk, row.at, answer, row.actor, f"borrower:{row.person}", decision_words(row), row.rules_version)


class Override(Sealed):
    """One rule lifted for one intent by a person whose role the rule allows, with the reason; only added."""

    intent_id = models.CharField(max_length=160, db_index=True)
    person = models.CharField(max_length=64)
    rule_id = models.CharField(max_length=60)
    role = models.CharField(max_length=20)
    reason = models.TextField()
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=150)
    NAMED = "override"

    class Meta:
        """The register, in the order of writing; a rule is lifted once for an intent."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("intent_id", "rule_id"), name="override_once"),)
