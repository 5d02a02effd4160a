"""Which load is current, which one a new load stands on, and how far it may move: what all acts on loads ask."""

from dataclasses import dataclass
from datetime import date

from sulah.actions.load_folder import LoadError
from sulah.adapters.book.bases import digests_with_base
from sulah.adapters.book.derive import PORTFOLIO
from sulah.adapters.book.durable import altered
from sulah.adapters.book.layout import Lender
from sulah.intake.verdict import Limits, Measure
from sulah.kernel.terms import LoadState
from sulah.policy.rows import EntityPolicy
from sulah.records.load import Load

STANDING = (LoadState.ACCEPTED, LoadState.HELD)
"""The states of a load that nobody took back."""

_READ_OF_PARENT = (*(f"{table}/" for table in PORTFOLIO), "accepted/instalment.", "accepted/repayment.", "layer")


@dataclass(frozen=True, slots=True)
class Footing:
    """What a new load is worked out against: parent (what was known before), latest accepted load, and the load that it repairs."""

    parent: Load | None
    latest: Load | None
    repaired: Load | None = None

    @property
    def facts(self) -> tuple[str | None, ...]:
        """What must be the same when the load is recorded: ids, and the state of the repaired load."""
        loads = (self.parent, self.latest, self.repaired)
        return *(load.id if load else None for load in loads), self.repaired.state if self.repaired else None


def footing_of(as_of: date, repaired: Load | None = None) -> Footing:
    """What a load of this date stands on at this moment."""
    return Footing(before_of(as_of), latest_accepted(), repaired)


def refuse_moved(footing: Footing, as_of: date) -> None:
    """LoadError when what a load was worked out against was undone, approved or overtaken since; inside the recording transaction.

    Every standing load is locked first, so that no decision about one falls between this look and the commit.
    """
    standing = {load.id: load for load in Load.objects.select_for_update().filter(state__in=STANDING).order_by("id")}
    repaired = footing.repaired
    now = footing_of(as_of, standing.get(repaired.id) if repaired else None)
    if now.facts == footing.facts:
        return
    was, moved = ((f.parent.id if f.parent else "no load before it") for f in (footing, now))
    changed = f"{was} no longer is the load that it stands on (that is {moved} now)"
    words = changed if was != moved else "somebody decided about another load"
    raise LoadError(f"While this load was worked out, {words}. Nothing was recorded. Load the extract again.")


def refuse_damaged(lender: Lender, footing: Footing, *, whole: bool = False) -> None:
    """LoadError when a file that the load would be built on is missing or changed; a load without recorded digests passes.

    whole: every file of the parent is read, as a delta does.
    """
    for load, read in ((footing.parent, ("",) if whole else _READ_OF_PARENT), (footing.repaired, ("",))):
        for part, folder, digests in digests_with_base(lender.book, load) if load else ():
            if wrong := altered(folder, {name: digest for name, digest in digests.items() if name.startswith(read)}):
                raise LoadError(
                    f"{wrong[0]} of load {part.id} is missing or was changed. Restore it from the backup of the book, "
                    "then load again; sulah check names every such file."
                )


def refuse_older(as_of: date) -> None:
    """LoadError when a later date was accepted already."""
    latest = latest_accepted()
    if latest is not None and as_of < latest.as_of:
        raise LoadError(
            f"The last accepted load is of {latest.as_of}; {as_of} is older and is refused. "
            f"Load a later date, or undo {latest.id} first with: sulah approve {latest.id} --undo",
            code="older_date",
        )


def repaired_load(as_of: date, repair: str | None) -> Load | None:
    """The load that a repair corrects: it must be of this date and still stand, else LoadError."""
    if repair is None:
        return None
    load = Load.objects.filter(id=repair).first()
    if load is None or load.state not in STANDING:
        standing = Load.objects.filter(as_of=as_of, state__in=STANDING).values_list("id", flat=True)
        raise LoadError(f"There is no standing load {repair} to repair. Of {as_of} there are: {', '.join(standing) or 'none'}.")
    if load.as_of != as_of:
        raise LoadError(f"{repair} is of {load.as_of}; give the same date with --as-of {load.as_of}.")
    return load


def refuse_superseded(repaired: Load) -> None:
    """LoadError when a later version of the date stands: a repair built on the earlier one would undo it unseen."""
    latest = latest_standing(repaired.as_of)
    if latest is not None and latest.id != repaired.id:
        or_else = f", or reject it first: sulah approve {latest.id} --reject" if latest.state == LoadState.HELD else ""
        raise LoadError(
            f"{repaired.id} is not the latest load of {repaired.as_of}: that is {latest.id} ({latest.state}). Repair that one{or_else}."
        )


def latest_standing(as_of: date) -> Load | None:
    """The latest version of a date that is accepted or held."""
    return Load.objects.filter(as_of=as_of, state__in=STANDING).order_by("-version").first()


def latest_accepted() -> Load | None:
    """The accepted load of the latest business date and version."""
    return Load.objects.filter(state=LoadState.ACCEPTED).order_by("-as_of", "-version").first()


def before_of(as_of: date) -> Load | None:
    """The load that one of this date stands on: the latest accepted one of an earlier date."""
    return Load.objects.filter(state=LoadState.ACCEPTED, as_of__lt=as_of).order_by("-as_of", "-version").first()


def current_load(as_of: date) -> Load | None:
    """The load that speaks for a day: the latest accepted one of that date or earlier; where none is, the first accepted one."""
    accepted = Load.objects.filter(state=LoadState.ACCEPTED)
    return accepted.filter(as_of__lte=as_of).order_by("-as_of", "-version").first() or accepted.order_by("as_of", "-version").first()


def measure_of(load: Load | None) -> Measure | None:
    """Rows and overdue of a recorded load, to compare the next one with."""
    return None if load is None else Measure(dict(load.report["accepted"]), int(load.report["overdue_paise"]))


def limits_of(lender: Lender, policy: EntityPolicy, as_of: date) -> Limits:
    """The limits in force: policy rows load_threshold, then [load] of lender.toml (rows_fall_bps, overdue_move_bps, quarantine_*)."""
    rows = {str(row["code"]): int(str(row["percent_bps"])) for row in policy.in_force("load_threshold", as_of)}
    own = lender.settings.get("load", {})
    given = own if isinstance(own, dict) else {}
    return Limits(
        rows_fall_bps=int(given.get("rows_fall_bps", rows.get("rows_fall", 2000))),
        overdue_move_bps=int(given.get("overdue_move_bps", rows.get("overdue_move", 2500))),
        quarantine_percent=float(given.get("quarantine_percent", 5)),
        quarantine_rows=int(given.get("quarantine_rows", 20)),
        dpd_difference_bps=int(given.get("dpd_difference_bps", rows.get("dpd_difference", 50))),
        dpd_difference_loans=int(given.get("dpd_difference_loans", 20)),
    )
