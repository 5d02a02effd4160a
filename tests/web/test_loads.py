"""The page of loads: a file ties when its rows and rupees add up exactly, identical copies counted."""

from collections.abc import Callable

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.load import Load
from tests.web.small_book import TIES

SignIn = Callable[..., Client]


def page_with(client: Client, **changed: int) -> str:
    """The page of loads when the loan file's report says that."""
    load = Load.objects.get()
    load.report["files"][0].update(changed)
    load.save()
    return client.get("/loads").content.decode()


def test_files_that_add_up_tie(lender: Lender, signed_in: SignIn) -> None:
    """Rows and rupees, loaded and refused."""
    assert "does not tie" not in page_with(signed_in(Role.INSPECTOR))


def test_a_file_with_an_identical_copy_ties_and_the_copy_is_shown(lender: Lender, signed_in: SignIn) -> None:
    """The copy is neither loaded nor refused, and its rupees are in the copy."""
    loan = TIES[0]
    text = page_with(
        signed_in(Role.INSPECTOR), loaded=loan.loaded - 1, duplicates=1, paise_loaded=loan.paise_loaded - 99, paise_duplicates=99
    )
    assert "does not tie" not in text
    assert 'data-label="Copies">1<' in text


@pytest.mark.parametrize(("field", "step"), [("paise", 1), ("paise", -1), ("rows", 1), ("rows", -1), ("duplicates", 1)])
def test_one_paisa_or_row_too_many_or_too_few_does_not_tie(lender: Lender, signed_in: SignIn, field: str, step: int) -> None:
    """Equality, on both sides."""
    value = getattr(TIES[0], field) + step
    assert page_with(signed_in(Role.INSPECTOR), **{field: value}).count("does not tie") == 1
