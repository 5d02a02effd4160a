"""What staff wrote about people, on pages: kept with the act that names it, shown as far as the reader's role sees it."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from sulah.actions.contact.actor import Actor
from sulah.actions.keep_words import read_said, words_kept
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.web.reach import Reach
from sulah.web.standing import the_lender


def kept(person: str | None, text: str, by: Actor) -> AbstractContextManager[str]:
    """What stands in the place of words about a person while the act that names them runs."""
    return words_kept(Vault(the_lender()), person, text, by=by, clock=system_clock)


def shown(places: Iterable[tuple[str | None, str]], reach: Reach, page: str) -> dict[str, str]:
    """The words of one page view by what stands in their place; the reading is written down."""
    return read_said(Vault(the_lender()), places, viewer=reach.person, page=page, clock=system_clock)
