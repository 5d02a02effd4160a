"""Read personal data of borrowers for a page: only what the role may see, and an audit entry for each page view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from sulah.adapters.book.reader import Row, RowSource, one_of
from sulah.adapters.book.vault import quarantine_subject
from sulah.adapters.lms.phones import one_way
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.erasure import erased_among
from sulah.records.load import Load
from sulah.records.person import Person


class Sight(StrEnum):
    """How much of a borrower's personal data a role sees."""

    CLEAR = "clear"
    NAME_AND_LAST_FOUR = "name_and_last_four"
    PSEUDONYM = "pseudonym"


SIGHT: dict[Role, Sight] = {
    Role.AGENT: Sight.NAME_AND_LAST_FOUR,
    Role.FIELD_OFFICER: Sight.NAME_AND_LAST_FOUR,
    Role.SUPERVISOR: Sight.NAME_AND_LAST_FOUR,
    Role.COMPLIANCE: Sight.CLEAR,
    Role.LEGAL: Sight.CLEAR,
    Role.VALIDATOR: Sight.PSEUDONYM,
    Role.AGENCY: Sight.PSEUDONYM,
    Role.ADMINISTRATOR: Sight.PSEUDONYM,
    Role.INSPECTOR: Sight.PSEUDONYM,
}
"""Those who speak with the borrower see the name and know the number by its end; those who run the machine need neither."""


_NUMBERS = ("phone", "phone_2")
ERASED = "Erased"
"""What stands in the place of the name of somebody erased, before the id."""


class Opener(Protocol):
    """What the vault of personal data does for us."""

    def open(self, subject: str, sealed: str, /) -> Mapping[str, Any]:
        """The sealed columns of a subject (a borrower, a refused row), in clear."""

    def number_key(self, number: str, /) -> str:
        """The blind index of a number."""


class Viewer(Protocol):
    """Who looks: a person, or a machine with a token."""

    @property
    def role(self) -> str:
        """Whose sight it has."""

    def get_username(self) -> str:
        """The name for the audit trail."""


@dataclass(frozen=True, slots=True)
class Face:
    """What one viewer sees of one borrower: name (or the pseudonym, which is the lender's id), and a phone number, full or by its end.

    numbers: every number and e-mail address on file as the viewer sees it, by its blind index; none for a role of pseudonyms.
    """

    borrower_id: str
    name: str
    phone: str = ""
    masked: bool = True
    numbers: Mapping[str, str] = field(default_factory=dict)


def masked_phone(phone: str) -> str:
    """A phone number by its last four digits.

    >>> masked_phone("+91 98765 43210"), masked_phone("123")
    ('•••••• 3210', '••••••')
    """
    digits = "".join(sign for sign in phone if sign.isdigit())
    return f"•••••• {digits[-4:]}" if len(digits) > 5 else "••••••"


def masked_address(address: str) -> str:
    """An e-mail address by its first letter and its server.

    >>> masked_address("asha.rao@mail.example"), masked_address("nothing")
    ('a•••••@mail.example', '••••••')
    """
    before, at, server = address.rpartition("@")
    return f"{before[:1]}•••••@{server}" if at and before else "••••••"


def faces(borrower_ids: Sequence[str], *, source: RowSource, vault: Opener, viewer: Viewer, page: str, clock: Clock) -> dict[str, Face]:
    """The faces of borrowers for one page view, by borrower id; the caller has already kept to the viewer's branches.

    A role that sees pseudonyms opens nothing and leaves no entry.  Otherwise one AuditEntry (act `read_personal`)
    names the page and the borrowers.
    A borrower without sealed data (none sent by the lender) appears under the pseudonym.
    """
    shown = {borrower_id: Face(borrower_id, f"Borrower {borrower_id}") for borrower_id in borrower_ids}
    shown |= {one: Face(one, f"{ERASED} {one}") for one in erased_among(list(shown))}
    sight = SIGHT[Role(viewer.role)]
    if sight is Sight.PSEUDONYM or not shown:
        return shown
    opened: list[str] = []
    sealed = source.rows("borrower_private", where=(one_of("borrower_id", tuple(shown)),))
    for row in sealed:
        borrower_id = str(row["borrower_id"])
        if personal := vault.open(borrower_id, row["sealed"]):
            shown[borrower_id] = _face(borrower_id, personal, sight, vault)
            opened.append(borrower_id)
    opened.sort()
    if opened:
        after = {"page": page, "load": source.load.pk, "sight": sight.value, "borrowers": opened}
        write_audit(at=clock(), actor=viewer.get_username(), act="read_personal", subject=f"page:{page}"[:200], after=after)
    return shown


def _face(borrower_id: str, personal: Mapping[str, Any], sight: Sight, vault: Opener) -> Face:
    """One borrower's face at that sight."""
    name = str(personal.get("name") or f"Borrower {borrower_id}")
    phone = str(personal.get("phone") or "")
    clear = sight is Sight.CLEAR
    given = [str(number) for column in _NUMBERS if (number := personal.get(column))]
    numbers = {vault.number_key(one_way(number)): number if clear else masked_phone(number) for number in reversed(given)}
    if address := str(personal.get("email") or "").strip():
        numbers[vault.number_key(address.lower())] = address if clear else masked_address(address)
    if clear:
        return Face(borrower_id, name, phone, masked=False, numbers=numbers)
    return Face(borrower_id, name, masked_phone(phone) if phone else "", numbers=numbers)


def refused_rows(rows: Sequence[Row], *, load: Load, vault: Opener, viewer: Person, clock: Clock) -> list[list[tuple[str, str]]]:
    """The cells of refused rows as the lender gave them, for each row in turn; none for a role that may not see personal data in clear.

    One AuditEntry (act `read_refused_rows`) names the load and the rows that were opened.
    """
    if SIGHT[Role(viewer.role)] is not Sight.CLEAR:
        return [[] for _ in rows]
    opened: list[list[tuple[str, str]]] = []
    subjects: list[str] = []
    for row in rows:
        cells: Mapping[str, Any] = {}
        if row["sealed"]:
            subject = quarantine_subject(row["table_name"], row["file"], row["row"])
            cells = vault.open(subject, row["sealed"])
            subjects.append(subject)
        opened.append([(name, str(value)) for name, value in cells.items() if value is not None])
    if subjects:
        after = {"load": load.pk, "rows": subjects}
        write_audit(at=clock(), actor=viewer.get_username(), act="read_refused_rows", subject=f"load:{load.pk}", after=after)
    return opened
