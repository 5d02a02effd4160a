"""Take in records that a machine sent: judged by the checks of a file, kept durably under seal, answered record by record.

The row of the batch is the effect.  It is committed with the key, the answer and the accepted records, so a killed server has done
all of a call or nothing, and of two calls with one key exactly one has an effect.
"""

import base64
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import API, Vault
from sulah.adapters.lms.api_settings import ApiSettings
from sulah.adapters.lms.judge import Verdict, judge
from sulah.adapters.lms.source import Mode
from sulah.contracts.shape import Table
from sulah.intake.call import Call, Record, read_call
from sulah.intake.codes import words_of
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState, RecordFate
from sulah.records.api_client import ApiBatch, ApiClient
from sulah.records.audit import write_audit
from sulah.records.load import Load

register("api.judged", "api.before_commit", "api.after_commit")

MEANS = "Accepted means received and well-formed. It counts from the next load; what became of it then: GET batches/{batch}."


class KeyReusedError(Refusal):
    """The Idempotency-Key was used before with another body."""


class DayClosedError(Refusal):
    """The business date cannot take records: a whole extract speaks for it, or it has not come."""


@dataclass(frozen=True, slots=True)
class Received:
    """The answer to a call, the same bytes each time it is asked for with its key; replayed when nothing was done again."""

    status: int
    answer: bytes
    batch: str
    replayed: bool = False


def receive_records(
    lender: Lender, client: ApiClient, table: Table, *, key: str, body: bytes, settings: ApiSettings, clock: Clock
) -> Received:
    """Judge, keep and answer one call; the same key and body again gives the same answer and does nothing.

    UnreadableCallError when the body is no call; KeyReusedError; DayClosedError.  None of these is remembered under the key.
    """
    digest = hashlib.sha256(table.name.encode() + b"\0" + body).hexdigest()
    if known := ApiBatch.objects.filter(client=client, key=key).first():
        return _replayed(known, digest)
    call = read_call(body, table, settings.most_records)
    refuse_closed(call.as_of, clock)
    verdicts = judge(call.records, table, Mode(call.mode), call.as_of, lender.settings)
    reach("api.judged")
    batch = _batch(lender, client, table, key, digest, call, verdicts, clock)
    reach("api.before_commit")
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
            write_audit(at=batch.received_at, actor=client.get_username(), act="receive_records", subject=batch.name, after=_told(batch))
    except IntegrityError:  # another call with this key was faster: its row is the effect, and ours never was
        return _replayed(ApiBatch.objects.get(client=client, key=key), digest)
    reach("api.after_commit")
    return Received(batch.status, answer_of(batch), batch.name)


def refuse_closed(as_of: date, clock: Clock) -> None:
    """DayClosedError for a business date that has not come in India, or that a whole extract from files speaks for."""
    today = clock().astimezone(IST).date()
    if as_of > today:
        raise DayClosedError(
            f"as_of is {day_text(as_of)} and today is {day_text(today)}. Send records with the business date they belong to."
        )
    closing = closing_load(as_of)
    if closing is not None:
        raise DayClosedError(
            f"The book of {day_text(closing.as_of)} was loaded from a whole extract ({closing.pk}), which speaks for that day and the "
            "days before it. Send the records with the as_of of the next business date."
        )


def closing_load(as_of: date) -> Load | None:
    """The first accepted whole extract from files of that business date or a later one: it knows more than records of that date."""
    later = Load.objects.filter(state=LoadState.ACCEPTED, as_of__gte=as_of).order_by("as_of", "version")
    return next((load for load in later if is_whole(load)), None)


def is_whole(load: Load) -> bool:
    """Was the load made from a whole extract: neither a delta, nor the repair of another load?"""
    return not load.report.get("delta", False) and not load.report.get("repairs", "")


def answer_of(batch: ApiBatch) -> bytes:
    """The answer as it was first given."""
    return zlib.decompress(base64.b64decode(batch.answer))


def _replayed(batch: ApiBatch, digest: str) -> Received:
    if batch.body_sha256 != digest:
        raise KeyReusedError(
            f"This Idempotency-Key was used before with another body (SHA-256 {batch.body_sha256[:16]}…, batch {batch.name}). "
            "Send the first body again to get its answer, or give a new call a new key."
        )
    return Received(batch.status, answer_of(batch), batch.name, replayed=True)


def _batch(
    lender: Lender, client: ApiClient, table: Table, key: str, digest: str, call: Call, verdicts: Sequence[Verdict], clock: Clock
) -> ApiBatch:
    fates = Counter(verdict.fate for verdict in verdicts)
    accepted, received = fates[RecordFate.ACCEPTED], len(verdicts)
    batch = ApiBatch(
        name=hashlib.sha256(f"{client.pk}\0{key}".encode()).hexdigest()[:24],
        client=client,
        key=key,
        body_sha256=digest,
        table=table.name,
        mode=call.mode,
        as_of=call.as_of,
        received_at=clock(),
        received=received,
        accepted=accepted,
        rejected=fates[RecordFate.REJECTED],
        duplicate=fates[RecordFate.DUPLICATE],
        status=200 if accepted == received else 207 if accepted else 422,
    )
    told = {"batch": batch.name, "table": table.name, "mode": call.mode, "as_of": call.as_of.isoformat(), **_counts(batch)}
    told |= {"simulated": True} if lender.simulated else {}
    told |= {"means": MEANS.format(batch=batch.name), "records": [_entry(verdict) for verdict in verdicts]}
    batch.answer = _packed(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
    batch.sealed = _sealed(lender, batch, call.records, verdicts) if accepted else ""
    return batch


def _counts(batch: ApiBatch) -> dict[str, int]:
    return {"received": batch.received, "accepted": batch.accepted, "rejected": batch.rejected, "duplicate": batch.duplicate}


def _told(batch: ApiBatch) -> dict[str, Any]:
    return {"table": batch.table, "mode": batch.mode, "as_of": batch.as_of.isoformat(), "body_sha256": batch.body_sha256, **_counts(batch)}


def _entry(verdict: Verdict) -> dict[str, Any]:
    """What the answer says of one record; of a rejected one the first finding, and the others under more."""
    entry: dict[str, Any] = {"index": verdict.index, "id": verdict.key, "status": verdict.fate.value}
    if verdict.fate is RecordFate.DUPLICATE:
        entry |= {"code": "duplicate_identical", "field": "", "words": words_of("duplicate_identical")}
    found = [{"code": code, "field": field, "words": words_of(code, field)} for field, code in verdict.findings]
    if found:
        entry |= found[0]
    return entry | ({"more": found[1:]} if found[1:] else {})


def _sealed(lender: Lender, batch: ApiBatch, records: Sequence[Record], verdicts: Sequence[Verdict]) -> str:
    """The accepted records as [index, key, cells], packed and sealed to their batch: names and numbers never lie open."""
    kept = [
        [record.index, verdict.key, {name: cell for name, cell in record.cells.items() if cell is not None}]
        for record, verdict in zip(records, verdicts, strict=True)
        if verdict.fate is RecordFate.ACCEPTED
    ]
    packed = _packed(json.dumps(kept, ensure_ascii=False).encode())
    return Vault(lender).seal_until(API, batch.received_at.astimezone(IST).date(), seal_subject(batch), packed)


def accepted_records(vault: Vault, batch: ApiBatch) -> list[tuple[int, str, Mapping[str, str]]]:
    """Index, key and cells of the accepted records of a batch; VaultError when the seal does not open."""
    packed = vault.unseal(seal_subject(batch), batch.sealed)
    return [(index, key, cells) for index, key, cells in json.loads(zlib.decompress(base64.b64decode(packed)))]


def seal_subject(batch: ApiBatch) -> str:
    """What the records of a batch are sealed to."""
    return f"api|{batch.name}"


def _packed(text: bytes) -> str:
    return base64.b64encode(zlib.compress(text)).decode("ascii")
