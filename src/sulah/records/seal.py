"""Rows that carry the digest of their own content: a byte that rots in the database is seen when the row is read, not later.

A seal finds damage, not fraud: whoever may write the row may write its seal.  What proves the order and the whole of the
entries to an outsider is a log of its own.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models

from sulah.kernel.refusal import Refusal


class DamagedRecordError(Refusal):
    """A row of the database is not the row that was written; the words say which and what to do."""


class SealField(models.CharField):  # type: ignore[type-arg]
    """The SHA-256 over every other field of its row, worked out anew each time the row is written, bulk writes included."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 64, "default": "", "editable": False, **options})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """The seal of the row as it is about to be written."""
        seal = seal_of(model_instance)
        setattr(model_instance, self.attname, seal)
        return seal


class Sealed(models.Model):
    """A row that carries a seal; reading a whole row whose seal does not fit raises DamagedRecordError."""

    seal = SealField()

    class Meta:
        """No table of its own."""

        abstract = True

    NAMED: ClassVar[str] = "row"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        """The row as read, its seal looked at; a row without one was written before there were seals."""
        row = super().from_db(db, field_names, values, **more)
        if len(values) == len(cls._meta.concrete_fields) and row.seal and row.seal != seal_of(row):
            raise DamagedRecordError(
                f"The {cls.NAMED} {row.pk} in the database is not what was written: its bytes were changed. "
                "Restore the lender from its backup (sulah restore); nothing was done with this row."
            )
        return row

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Write the row; a change of some fields writes the seal too."""
        super().save(update_fields=None if update_fields is None else [*update_fields, "seal"], **options)


def sealed_models() -> list[type[Sealed]]:
    """Every kind of row that carries a seal."""
    return [model for model in apps.get_models() if issubclass(model, Sealed)]


def sealed_rows(model: type[Sealed]) -> Iterator[Sealed]:
    """Every row of a kind, read whole, so that its seal is looked at; DamagedRecordError at the first that does not fit."""
    return model._default_manager.order_by("pk").iterator(chunk_size=500)  # noqa: SLF001  (Django's own way to ask)


def seal_of(row: models.Model) -> str:
    """SHA-256 over the fields of a row but its seal and a number that the database gives, in the order of the model."""
    given = (SealField, models.AutoField, models.BigAutoField)
    fields = [field for field in row._meta.concrete_fields if not isinstance(field, given)]  # noqa: SLF001  (Django's own way to ask)
    told = [[field.attname, _plain(field.to_python(getattr(row, field.attname)))] for field in fields]
    return sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON holds it: instants in UTC, so that both databases give the same."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (dict, list, tuple)):
        return json.loads(json.dumps(value))  # as a database gives it back: names are texts, tuples are lists
    return value.isoformat() if isinstance(value, date) else value
