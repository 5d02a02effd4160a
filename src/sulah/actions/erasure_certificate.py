"""The certificate of an erasure: what was destroyed, what stays and why, and when the last copies that we know of are gone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from sulah.actions.retain_keys import months_of
from sulah.adapters.book.keykeeping import days_of_copies
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.retention import Kept, retention_of
from sulah.adapters.book.vault import Vault
from sulah.adapters.engines.duck import connect
from sulah.kernel.dates import IST, day_text
from sulah.records.audit import AuditEntry
from sulah.records.erasure import Erasure
from sulah.records.load import Load
from sulah.transparency.receipt import Receipt

_EXPORTS = ("table.export", "lender.export", "page.export", "person.export", "evidence.document", "evidence.incident", "keys.open_file")
STAYS = (
    "The lender's id of the person, with loans, amounts, dates, PIN code, language, gender, occupation, incomes, household and group ids, "
    "consents in the lender's own words, and the references and modes of payments as they were sent: the book of each past day is rebuilt "
    "to the same bytes. Where a lender writes names or numbers into such columns, they stay. The lender's own system still knows whose "
    "id it is.",
    "That a contact, a decision, a promise, a complaint or a consent was made, with its time and outcome, and the blind index of the "
    "number in decisions and contacts: the proof of how the person was treated. Nobody can read a number back from an index; whoever "
    "holds the lender's keys can test a guess against it.",
    "The reason of this request, sources of consents, and words of staff from before they were sealed.",
)


def older_files(lender: Lender, people: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Files of older loads in which a person is sealed under the lender's key, and when each is due to go."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with connect() as connection:
        for load in Load.objects.order_by("as_of", "version"):
            path = lender.book / load.path / "borrower_private.parquet"
            if not path.is_file():
                continue
            asked = "SELECT borrower_id FROM read_parquet(?) WHERE sealed NOT LIKE 'k1.%' AND borrower_id IN (SELECT unnest(?))"
            days = retention_of(lender, load.as_of).periods[Kept.PERSONAL].keep_days
            for (person,) in connection.execute(asked, [str(path), list(people)]).fetchall():
                found[person].append({"load": load.pk, "until": (load.as_of + timedelta(days=days)).isoformat()})
    return found


def certificate_of(
    lender: Lender, row: Erasure, vault: Vault, key: int, counts: Mapping[str, int], left: Sequence[Mapping[str, str]], now: datetime
) -> dict[str, Any]:
    """The certificate as plain values; the number of the destroyed key tells any seal that it cannot be opened."""
    on = now.astimezone(IST).date()
    return {
        "lender": lender.name,
        "simulated": lender.simulated,
        "erasure": row.pk,
        "person": row.person,
        "asked_by": row.asked_by,
        "approved_by": row.decided_by,
        "erased_at": now.astimezone(IST).isoformat(timespec="seconds"),
        "reason": row.reason,
        "key": f"{key:016x}",
        "counts": dict(sorted(counts.items())),
        "key_copies_until": (on + timedelta(days=days_of_copies(lender) + 1)).isoformat(),
        "months": {month.name: _ends(lender, month.kind, month.last).isoformat() for month in months_of(vault)},
        "older_loads": [dict(one) for one in left],
        "exports_before": AuditEntry.objects.filter(act__in=_EXPORTS).count(),
        "stays": list(STAYS),
    }


def _ends(lender: Lender, kind: str, last: date) -> date:
    """The day on which `sulah retain` may destroy the key of a month."""
    known = {str(one): one for one in Kept}
    days = retention_of(lender, last).periods[known[kind]].keep_days if kind in known else 400
    return last + timedelta(days=days + 1)


def certificate_page(row: Erasure, proof: Receipt | None, why_not: str = "") -> str:
    """The certificate as one page of HTML without script or picture, with its proof from the log, or the words why there is none."""
    told = row.certificate
    lines = [
        ("Lender", told["lender"] + (" (simulated)" if told["simulated"] else "")),
        ("Person (the lender's id)", told["person"]),
        ("Erased at", told["erased_at"]),
        ("Asked by, approved by", f"{told['asked_by']}, {told['approved_by']}"),
        ("Reason", told["reason"]),
        ("Key that was destroyed", told["key"]),
        ("What it had sealed or indexed", ", ".join(f"{name}: {count}" for name, count in told["counts"].items() if count) or "-"),
        ("Copies of the key are gone by", day_text(date.fromisoformat(told["key_copies_until"]))),
        ("Raw bodies and files of many people end", ", ".join(f"{name}: {day}" for name, day in told["months"].items()) or "-"),
        (
            "Older loads, sealed under the lender's key",
            ", ".join(f"{one['load']}: {one['until']}" for one in told["older_loads"]) or "none",
        ),
        ("Exports made before, out of our reach", str(told["exports_before"])),
        *([("Not finished when this was written", told["unfinished"])] if told.get("unfinished") else []),
        ("SHA-256 of this certificate", row.certificate_sha256),
    ]
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in lines)
    stays = "".join(f"<li>{escape(words)}</li>" for words in told["stays"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Certificate of erasure</title></head><body>'
        f"<h1>Certificate of erasure {told['erasure']}</h1><table>{rows}</table>"
        f"<h2>What stays, and why</h2><ul>{stays}</ul><h2>In the log</h2>{_in_the_log(proof, why_not)}</body></html>\n"
    )


def _in_the_log(proof: Receipt | None, why_not: str) -> str:
    if proof is None:
        return f"<p>{escape(why_not)}</p>"
    told = proof.checkpoint
    return (
        f"<p>Entry {proof.index} of the log {escape(told.origin)} under a checkpoint of {told.size} entries, code {escape(told.footer)}. "
        "Whoever has the keys of the log from elsewhere checks it alone: save the lines below as receipt.json, then "
        "<code>python sulah_verify.py receipt receipt.json --keys KEYS</code>. The entry's words name the SHA-256 above.</p>"
        f"<pre>{escape(proof.to_json().decode())}</pre>"
    )
