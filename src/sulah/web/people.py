"""Faces of borrowers for a page, through the act that reads personal data and writes it down."""

from collections.abc import Sequence

from sulah.actions.read_personal import Face, faces, refused_rows
from sulah.adapters.book.reader import Row, RowSource
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.records.load import Load
from sulah.web.reach import Reach
from sulah.web.standing import the_lender


def faces_for(borrower_ids: Sequence[str], *, source: RowSource, reach: Reach, page: str) -> dict[str, Face]:
    """The faces of borrowers, by id, as far as the reader's role sees them; the web is the door where the clock comes in."""
    return faces(borrower_ids, source=source, vault=Vault(source.lender), viewer=reach.person, page=page, clock=system_clock)


def cells_for(rows: Sequence[Row], *, load: Load, reach: Reach) -> list[list[tuple[str, str]]]:
    """The cells of refused rows, for each in turn, as far as the reader's role sees them."""
    return refused_rows(rows, load=load, vault=Vault(the_lender()), viewer=reach.person, clock=system_clock)
