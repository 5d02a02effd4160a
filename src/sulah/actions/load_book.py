"""Which load is current, which one a new load stands on, and how far it may move: what all acts on loads ask."""

from datetime import date

from sulah.adapters.book.layout import Lender
from sulah.intake.verdict import Limits, Measure
from sulah.kernel.terms import LoadState
from sulah.policy.rows import EntityPolicy
from sulah.records.load import Load


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
    )
