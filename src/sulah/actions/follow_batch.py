"""What became of a batch: whether a load has it yet, and of each record whether it was loaded, set aside, or overtaken by a later one."""

from typing import Any

from sulah.actions.receive_records import closing_load, is_whole
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import RowSource, one_of
from sulah.kernel.terms import LoadState
from sulah.records.api_client import ApiBatch, ApiTaking
from sulah.records.load import Load

STATES = {
    "received": "It waits for the next load of the API's records (sulah load --from-api).",
    "overtaken": "A whole extract of its date or a later one was loaded before it and speaks for that day. Send it again only if it is "
    "not in that extract, with the as_of of the next business date.",
    "held": "It is in a load that somebody has to approve.",
    "loaded": "It is in an accepted load; the records say what became of each.",
    "turned_down": "Somebody at the lender decided that no load takes it. Ask them why, and send again what was right.",
    "nothing": "No record of it was accepted, so there is nothing to load.",
}


def follow_batch(lender: Lender, batch: ApiBatch) -> dict[str, Any]:
    """State, words, load, and the records that a load has, each with its fate; counts tie out with those accepted."""
    told: dict[str, Any] = {"batch": batch.name, "table": batch.table, "mode": batch.mode, "as_of": batch.as_of, "key": batch.key}
    told |= {"received_at": batch.received_at, "received": batch.received, "accepted": batch.accepted}
    told |= {"rejected": batch.rejected, "duplicate": batch.duplicate, **({"simulated": True} if lender.simulated else {})}
    taking = _standing(batch)
    state = _state(batch, taking)
    told |= {"state": state, "words": STATES[state], "load": taking.load_id if taking else None}
    if taking is None or state != "loaded":
        return told
    records = _records(lender, taking)
    counts = {fate: sum(1 for record in records if record["status"] == fate) for fate in ("loaded", "quarantined", "overtaken")}
    return told | counts | {"records": records}


def _standing(batch: ApiBatch) -> ApiTaking | None:
    """The load that has the batch: the accepted one, unless a whole extract of its date took its place, else the one that is held."""
    found = {taking.load.state: taking for taking in batch.takings.select_related("load").order_by("load__as_of", "load__version")}
    accepted = found.get(LoadState.ACCEPTED)
    if accepted is not None:
        later = Load.objects.filter(state=LoadState.ACCEPTED, as_of=accepted.load.as_of, version__gt=accepted.load.version)
        return None if any(is_whole(load) for load in later) else accepted
    return found.get(LoadState.HELD)


def _state(batch: ApiBatch, taking: ApiTaking | None) -> str:
    if not batch.accepted:
        return "nothing"
    if taking is not None:
        return "loaded" if taking.load.state == LoadState.ACCEPTED else "held"
    if batch.turned_down_by:
        return "turned_down"
    return "overtaken" if closing_load(batch.as_of) else "received"


def _records(lender: Lender, taking: ApiTaking) -> list[dict[str, Any]]:
    """The fate of each accepted record, by its index."""
    set_aside = _set_aside(lender, taking.load, [str(file) for file, _, _ in taking.places])
    found: list[dict[str, Any]] = []
    for file, first, indices in taking.places:
        for row, index in enumerate(indices, start=first):
            refused, later = set_aside.get((file, row)), taking.overtaken.get(str(index))
            if refused:
                found.append({"index": index, "status": "quarantined", **refused})
            elif later:
                found.append({"index": index, "status": "overtaken", "by": later})
            else:
                found.append({"index": index, "status": "loaded"})
    return sorted(found, key=lambda record: int(record["index"]))


def _set_aside(lender: Lender, load: Load, files: list[str]) -> dict[tuple[str, int], dict[str, str]]:
    """The first finding of each refused row of these files."""
    with RowSource(lender, load) as source:
        rows = source.rows("quarantine", where=(one_of("file", files),), order=("file", "row", "field", "code"))
    found: dict[tuple[str, int], dict[str, str]] = {}
    for row in rows:
        if row["severity"] == "row":
            found.setdefault((row["file"], row["row"]), {"code": row["code"], "field": row["field"], "words": row["words"]})
    return found
