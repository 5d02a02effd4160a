"""A state for each place where the words of the page left a choice; READINGS.md tells the choices under the same marks."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle.cases import Plain
from tests.oracle.cover import row_of
from tests.oracle.states import state

Edit = Callable[[Plain], object]
VISIT = {"channel": "visit"}
HOME = {"channel": "visit", "place": "residence"}
CALL = {"channel": "call"}
WHATSAPP = {"channel": "whatsapp"}
PRE_DUE = {"purpose": "pre_due", "overdue on L1": "0"}
EVENING = {"channel": "call", "time": "18:00+0s", "purpose": "information", "L2": "none"}


@dataclass(frozen=True)
class Reading:
    """A choice: its mark, the rule, whether the rule refuses as read here, the levels changed and what no level says."""

    mark: str
    rule: str
    refuses: bool
    levels: dict[str, str]
    edit: Edit | None = None

    def state(self) -> tuple[str, Plain]:
        """(the kind of lender, the question)."""
        entity, question = state(row_of(self.levels))
        if self.edit:
            self.edit(question)
        return entity, question


def intent(**changed: object) -> Edit:
    """An edit of the intent."""
    return lambda question: question["intent"].update(changed)


def facts(**changed: object) -> Edit:
    """An edit of the facts."""
    return lambda question: question["facts"].update(changed)


def first_contact(**changed: object) -> Edit:
    """An edit of the first contact so far."""
    return lambda question: question["facts"]["contacts"][0].update(changed)


STOP = {"since": "2026-11-20T00:00:00+00:00", "until": None}

READINGS = (
    Reading("A1", "PLC-MFL", True, {**VISIT, "place": "unknown", "misses": "3"}),
    Reading("A2", "PLC-GEN", True, {**VISIT, "place": "unknown", "not found": "2 2"}),
    Reading("A3", "PLC-GEN", False, {**HOME, "agreed place": "unknown", "not found": "1 0"}),
    Reading("A4", "LGL-LIM", True, {"legal": "unknown, approved"}),
    Reading("A5", "WA-TPL", False, {**WHATSAPP, "template": "unknown", "wrote": "1h"}),
    Reading("A6", "WA-TIER", False, {**WHATSAPP, "tier": "unknown", "wrote": "1h"}),
    Reading("A7", "WA-TIER", True, {**WHATSAPP, "tier": "unknown, in"}),
    Reading("A8", "DUE-OWED", False, {"named": "L1 L9"}),
    Reading("A9", "CLI-1600-BANK", False, {**CALL, "series": "unknown", "by hand": "yes"}),
    Reading("B1", "HRS-PUSH-MFL", True, {**EVENING, "type of L1": "mfl", "to L1": "family"}),
    Reading("B2", "HRS-PUSH-MFL", True, {**EVENING, "type of L1": "other", "named": "L9"}),
    Reading("B3", "HRS-PUSH-MFL", False, {**EVENING, "type of L1": "mfl", "L1 is": "closed"}),
    Reading("B4", "HRS-PUSH-MFL", True, {**EVENING, "type of L1": "other", "L2": "unknown open"}),
    Reading("B5", "HRS-GEN", True, {**CALL, "time": "19:00+0s", "type of L1": "unknown", "L2": "none"}),
    Reading("B6", "DUE-OWED", False, {"L1 is": "closed"}),
    Reading("C1", "OCC-BLK", True, {**CALL, "occasion": "eclipse"}),
    Reading("C2", "OCC-BLK", True, {**CALL, "occasion": "religious_festival", "occasion of": "state", "home": "no state"}),
    Reading("C3", "OCC-BLK", False, {**CALL, "occasion": "curfew"}),
    Reading("C4", "HRS-PREF", False, {**CALL, "wish": "this place"}),
    Reading("C6", "HRS-PREF", False, {**VISIT, "place": "unknown", "wish": "agreed, workplace"}),
    Reading("D1", "STP-CALAMITY", True, {"event": "calamity", "scope": "pincode", "home": "no pincode"}),
    Reading("D2", "STP-COMPLAINT", False, {"event": "complaint", "scope": "loan", "entity": "sfb"}),
    Reading("D3", "STP-WRONG-NUMBER", True, {**VISIT, "event": "wrong_number", "scope": "number", "stray": "yes"}),
    Reading("D4", "STP-WRONG-NUMBER", False, {"number": "none", "event": "wrong_number", "scope": "number"}),
    Reading("D5", "STP-DISPUTE", True, {"named": "L9", "event": "dispute", "scope": "loan"}),
    Reading("D6", "STP-AGENCY", True, {"by": "AG1 of AGY1", "event": "agency_stopped", "scope": "agency"}),
    Reading("D7", "STP-AGENCY", True, {"by": "AG1 of AGY1", "papers": "not on file", "event": "agency_stopped", "scope": "agency"}),
    Reading("D8", "STP-LENDER", True, {}, facts(stops=[{**STOP, "event": "lender_stopped", "scope": "lender", "key": "x"}])),
    Reading("D9", "STP-PAID", False, {"event": "paid", "scope": "person"}),
    Reading("E1", "AGT-CHG", True, {"assigned": "agency, then agent", "told": "of agency"}),
    Reading("E2", "AGT-CHG", False, {"assigned": "ended"}),
    Reading("E3", "AGT-ASG", False, {"by": "AG1 of AGY1", "assigned": "agency"}),
    Reading("E4", "AGT-CHG", False, {"by": "AG1 of AGY1", "told": "of agency", "assigned": "agent"}),
    Reading("E5", "AGT-ASG", True, {"by": "AGY1", "assigned": "agent"}),
    Reading("E6", "AGT-CERT", False, {"by": "own people", "entity": "sfb"}),
    Reading("E7", "AGT-CHG", False, {"assigned": "named, then stranger"}),
    Reading("F1", "DUE-OWED", True, {"paid": "person"}),
    Reading("F2", "DUE-OWED", False, {"paid": "household"}),
    Reading("F3", "DUE-SOON", True, {**PRE_DUE, "overdue on L1": "1", "paid": "person"}),
    Reading("F4", "DUE-SOON", False, {**PRE_DUE, "overdue on L1": "-1"}),
    Reading("F5", "DUE-CALC", True, {"named": "", "amount": "one more"}),
    Reading("F6", "DUE-CALC", False, {"named": "", "amount": "zero"}),
    Reading("F8", "LGL-LIM", False, {"named": "", "legal": "approved words"}),
    Reading("F9", "PTY-ONLY", False, {"named": ""}),
    Reading("G1", "WA-TPL", True, {**WHATSAPP, "free text": "yes", "template": "yes", "wrote": "24h+1us"}),
    Reading("G2", "WA-24H", True, {**WHATSAPP, "purpose": "session_answer", "wrote": "never"}),
    Reading("G3", "WA-TPL", True, {**WHATSAPP, "template": "no", "wrote": "1us ahead"}),
    Reading("G4", "WA-OPT", True, {**WHATSAPP, "consent": "elsewhere"}),
    Reading("G5", "CLI-1600-BANK", False, CALL, intent(caller_series="01600")),
    Reading("G6", "CLI-1600-BANK", True, CALL, intent(caller_series="+1600")),
    Reading("G7", "CLI-1600-BANK", True, CALL, intent(caller_series=" 1600 ")),
    Reading("G8", "CLI-1600-BANK", True, CALL, intent(caller_series="1_600")),
    Reading("G9", "CLI-1600-BANK", True, CALL, intent(caller_series="१६००")),
    Reading("G10", "CLI-ANON", False, {**CALL, "series": "unknown"}),
    Reading("G11", "CLI-1600-BANK", True, {"channel": "bot_call", "by hand": "yes", "series": "140"}),
    Reading("G12", "CLI-1600-BANK", True, {**CALL, "by hand": "yes", "hidden": "yes"}),
    Reading("H1", "FRQ-CALL-DAY", True, {**CALL, "contacts": "3", "their age": "d+30"}),
    Reading("H2", "FRQ-CALL-DAY", False, {**CALL, "contacts": "3", "their purpose": "unknown", "their state": "failed"}),
    Reading("H4", "FRQ-ONE-CALL", True, {**CALL, "line": "ringing ahead"}),
    Reading("H5", "SUN-CALL", False, {**CALL, "day": "2027-02-28", "time": "9:00+0s", "set aside": "supervisor SUN-CALL"}),
    Reading("H6", "SUN-CALL", True, {**CALL, "day": "2027-02-28", "time": "9:00+0s", "set aside": "compliance SUN-CALL"}),
    Reading("H7", "STP-LENDER", True, {"event": "lender_stopped", "scope": "lender", "set aside": "compliance STP-LENDER"}),
    Reading("H8", "PLC-GEN", True, {**VISIT, "agreed place": "no"}),
    Reading("H9", "PLC-GEN", True, {"channel": "visit", "place": "workplace", "agreed place": "no", "not found": "0 0"}),
)


@dataclass(frozen=True)
class NoQuestion:
    """What contradicts itself and is no question: its mark, the levels, and what makes it contradict itself."""

    mark: str
    levels: dict[str, str]
    edit: Edit

    def question(self) -> Plain:
        """The question that nobody answers."""
        question = state(row_of(self.levels))[1]
        self.edit(question)
        return question


NO_QUESTIONS = (
    NoQuestion("C5", CALL, intent(place="residence")),
    NoQuestion("F7", {}, intent(loan_ids=["L1", "L1"])),
    NoQuestion("H3", {**CALL, "contacts": "1", "their state": "connected"}, first_contact(contact_class="visit")),
)
