"""The library of texts: which language a person is written to in, and the text as it is registered."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.outreach.house import House
from sulah.outreach.library import LibraryError, loan_end, missing, template_of, unfit, written
from sulah.outreach.template import VARIABLE, TemplateError
from sulah.policy.text_rows import TextRow, all_text_rows, text_kinds, text_rows
from tests.outreach.house import HOSTS, KAVERI, VALUES

TODAY = date(2026, 11, 23)
KINDS = text_kinds()
ROWS = all_text_rows()


def row_of(name: str, language: str = "en", channel: str = "sms") -> TextRow:
    """One row of the library."""
    return next(row for row in text_rows(language) if (row.name, row.channel) == (name, channel))


def test_only_reminders_and_receipts_are_plain() -> None:
    """What an unreviewed language may say, named here so that adding to it is a decision."""
    assert {name for name, kind in KINDS.items() if kind.plain_reminder} == {"pre_due", "due_today", "overdue_early", "receipt"}


def test_a_sentence_stands_in_the_text_only_for_those_to_whom_it_applies() -> None:
    """The penal charge is named where there is one (PEN-MSG), and brings its variable; without it, the text has neither."""
    plain = written(row_of("overdue_early"), KINDS["overdue_early"], KAVERI)
    penal = written(row_of("overdue_early"), KINDS["overdue_early"], KAVERI, ("penal",))
    assert "penal" not in plain.text
    assert [variable.name for variable in plain.variables] == ["amount", "loan_end", "as_of"]
    assert "This includes a penal charge of Rs {#var#}." in penal.text
    assert [variable.name for variable in penal.variables] == ["amount", "loan_end", "as_of", "penal"]
    assert plain.name != penal.name


def test_the_order_in_which_sentences_are_asked_for_makes_no_second_text() -> None:
    """One combination is one registration."""
    one = written(row_of("overdue_early"), KINDS["overdue_early"], KAVERI, ("link", "penal"))
    assert one == written(row_of("overdue_early"), KINDS["overdue_early"], KAVERI, ("penal", "link"))


def test_a_text_is_read_as_a_borrower_reads_it() -> None:
    """The whole of one, in English, to the letter."""
    one = written(row_of("overdue_early"), KINDS["overdue_early"], KAVERI, ("penal", "officer"))
    template = template_of(one, KINDS["overdue_early"])
    values = {variable.name: VALUES[variable.name] for variable in template.variables}
    assert template.body(template.values(values)) == (
        "Rs 1,234.50 was overdue on your loan ending 0001 as on 22 Nov 2026. This includes a penal charge of Rs 50. Your loan officer is "
        "Lakshmi Venkataraman. If you have paid since, thank you. "
        "Complaints: 18001230000. To stop, SMS STOP to 9215512345. - Kaveri Finance"
    )


def test_whatsapp_registers_the_same_text_with_numbers() -> None:
    """{{1}}, {{2}} in the order of the text, and none of ours left."""
    one = written(row_of("promise_note", channel="whatsapp"), KINDS["promise_note"], KAVERI)
    assert "{{1}} on your loan ending {{2}} by {{3}}" in one.numbered()
    assert VARIABLE not in one.numbered()


def test_a_text_without_what_the_register_asks_for_is_not_written() -> None:
    """No lender, no amount, no grievance line or no opt-out in a recovery text: refused, by name."""
    whole = row_of("overdue_early")
    kind = KINDS["overdue_early"]
    cut = {"lender": "<lender>", "amount": "Rs {amount} ", "grievance": "Complaints: <grievance>.", "stop": "To stop, SMS STOP to <reply>."}
    assert set(cut) == set(kind.needs)
    for need, words in cut.items():
        without = replace(whole, text=whole.text.replace(words, ""))
        assert missing(without, kind) == (need,)
        with pytest.raises(LibraryError, match=f"lacks {need}"):
            written(without, kind, KAVERI)


def test_unknown_places_in_a_text_are_refused() -> None:
    """A variable that the register does not know, something of the lender's that there is not, a sentence that nobody wrote."""
    row, kind = row_of("overdue_early"), KINDS["overdue_early"]
    with pytest.raises(LibraryError, match="has a variable caste that the register does not know"):
        written(replace(row, text=row.text + " {caste}"), kind, KAVERI)
    with pytest.raises(LibraryError, match="asks for <police>, which no lender has"):
        written(replace(row, text=row.text + " <police>"), kind, KAVERI)
    with pytest.raises(LibraryError, match="has no sentence helpline"):
        written(row, kind, KAVERI, ("helpline",))
    assert unfit(replace(row, text=row.text.replace("{as_of}", "{due_on}")), kind) == ("as_of", "due_on")


def test_a_lender_that_has_not_said_its_grievance_number_sends_nothing_that_needs_it() -> None:
    """The words say which line of lender.toml to write."""
    with pytest.raises(LibraryError, match=r"needs the lender's grievance. Write grievance under \[texts\]"):
        written(row_of("pre_due"), KINDS["pre_due"], replace(KAVERI, grievance=""))


def test_a_link_leads_only_to_a_registered_host() -> None:
    """The template of the library carries the hosts on."""
    one = written(row_of("link"), KINDS["link"], KAVERI)
    values = {variable.name: VALUES[variable.name] for variable in one.variables}
    assert "pay.kaveri.example" in str(template_of(one, KINDS["link"], hosts=HOSTS).values(values))
    with pytest.raises(TemplateError, match="leads to a host that is not registered"):
        template_of(one, KINDS["link"]).values(values)


@given(st.text(max_size=40))
def test_no_more_than_the_end_of_a_loans_id_is_shown(loan_id: str) -> None:
    """At most four letters and digits, the last ones."""
    shown = loan_end(loan_id)
    assert len(shown) <= 4
    assert shown == "" or (shown.isascii() and shown.isalnum())
    assert "".join(sign for sign in loan_id if sign.isascii() and sign.isalnum()).endswith(shown)


def test_what_is_the_lenders_own_is_written_in_once() -> None:
    """Another lender, another registered text; no place is left open."""
    other = House("Narmada Bank", "18009990000", "9215500000", "16009999999", "https://narmada.example/o")
    one = written(row_of("officer_code"), KINDS["officer_code"], other)
    assert "Kaveri" not in one.text
    assert "<" not in one.text
    assert "https://narmada.example/o" in one.text
