"""The day cycle on one screen: its steps in order, the table each makes, and in which room its statement stands."""

from dataclasses import dataclass
from importlib.resources import files

from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope, Table

_BY_ID, _BY_KEY = "b.loan_id = a.loan_id", "b.loan_key = a.loan_key"


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of the cycle: it makes the table of its name; `stage` groups steps for people.

    increment: the room also holds `<table>_next.sql`, used when the day before was committed; both are one writer.
    by_key: the increment is the same statement, which finds the loans of the last day by their keys: integers are joined faster than texts.
    carries: the increment needs no yesterday but a last day whose rows still speak for this load, policy and code; keys are the same then.
    """

    stage: str
    room: str
    table: str
    increment: bool = False
    by_key: bool = False
    carries: bool = False

    @property
    def contract(self) -> Table:
        """The contract of the table that the step makes."""
        return TABLES[self.table]

    @property
    def scope(self) -> Scope:
        """Person steps run shard by shard; book steps once, over the outputs of all shards."""
        return self.contract.scope

    def text(self, *, after_yesterday: bool = False) -> str:
        """The SQL of the step; the increment's where there is one and yesterday was committed."""
        name = f"{self.table}_next" if self.increment and after_yesterday else self.table
        text = files(f"sulah.{self.room}").joinpath(f"{name}.sql").read_text("utf-8")
        return text.replace(_BY_ID, _BY_KEY) if self.by_key and after_yesterday else text


STEPS = (
    Step("state", "portfolio", "stale", increment=True, carries=True),
    Step("state", "portfolio", "state"),
    Step("position", "portfolio", "pause_window"),
    Step("position", "portfolio", "position"),
    Step("classify", "portfolio", "watch"),
    Step("classify", "portfolio", "borrower_day"),
    Step("classify", "portfolio", "asset_memory", increment=True),
    Step("classify", "portfolio", "classification"),
    Step("classify", "portfolio", "provisioning"),
    Step("reconcile", "intake", "difference"),
    Step("reconcile", "intake", "contact_dpd"),
    Step("treat", "strategy", "treatment"),
    Step("measure", "portfolio", "loan_day", by_key=True, carries=True),
    Step("measure", "portfolio", "arrears_entry"),
    Step("classify", "portfolio", "provision_book"),
    Step("reconcile", "intake", "payment_match"),
    Step("measure", "insight", "book_day"),
    Step("measure", "portfolio", "roll_cell"),
    Step("measure", "portfolio", "roll_move"),
    Step("measure", "portfolio", "vintage_day"),
    Step("measure", "portfolio", "cohort_day"),
    Step("measure", "insight", "measure_day"),
    Step("measure", "insight", "roll_alert"),
    Step("reconcile", "insight", "ledger_match"),
    Step("plan", "strategy", "worklist"),
)
"""Person steps first, then book steps; publish and close follow in run.py."""

INTAKE_TABLES = ("account", "due", "receipt", "relief_window", "touched")
"""Tables of the load that person steps read, shard by shard."""

ACCEPTED_TABLES = ("collection", "ledger_total", "pin_directory", "repayment")
"""Accepted extract tables that book steps read."""

PREVIOUS_TABLES = ("arrears_entry", "asset_memory", "loan_day", "state")
"""Tables of the last committed day that steps read as previous.X."""

CARRIED_TABLES = ("state",)
"""Those of them whose rows are taken over as they were, and so speak only for the same load (or its parent), policy and code."""
