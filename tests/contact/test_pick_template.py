"""Which text of the library a person gets, in which language, if all of it were approved."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.actions.pick_template import chosen, missing_text, texts_for, values_for
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Configured
from sulah.outreach.library import template_of, written
from sulah.outreach.template import Template, TemplateError, Variable, VariableKind
from sulah.policy.languages import LANGUAGES
from sulah.policy.talk.steps import StepRow, step_rows
from sulah.policy.text_rows import all_text_rows, text_kinds
from tests.outreach.house import KAVERI

KINDS = text_kinds()
SENT = sorted({name for rows in step_rows().values() for row in rows for name in row.texts if name in KINDS})
ROWS = [row for row in all_text_rows() if row.channel == "sms" and row.name in SENT]
WRITTEN = [written(row, KINDS[row.name], KAVERI) for row in ROWS]
BY_SMS = [replace(template_of(one, KINDS[one.row.name]), name=f"{one.row.name}_sms_{one.row.language}_1") for one in WRITTEN]
THREE = ["pre_due", "overdue_early", "overdue_late"]
"""Two plain reminders and a rich text."""

LIBRARY = Configured("sms", None, {one.name: one for one in BY_SMS}, lambda number: True, {})


def step_of(name: str) -> StepRow:
    """A step that says this text, and no other."""
    return next(replace(row, texts=(name,)) for rows in step_rows().values() for row in rows if name in row.texts)


def gone(name: str, wanted: str, reviewed: set[str], second: str = "en") -> str:
    """The language in which a person who reads `wanted` is written to; none where she is not."""
    found = chosen(texts_for(LIBRARY, step_of(name), reviewed), (wanted, second), ())
    return found.language if found else "none"


def test_a_plain_reminder_goes_in_the_own_language_though_nobody_has_signed_it_off() -> None:
    assert gone("overdue_early", "ta", set()) == "ta"


def test_a_rich_text_waits_for_a_native_reader_and_goes_in_the_second_language_meanwhile() -> None:
    """Own language, then the lender's second one, then English: the first that is signed off."""
    assert gone("overdue_late", "ta", {"ta", "hi", "en"}, "hi") == "ta"
    assert gone("overdue_late", "ta", {"hi", "en"}, "hi") == "hi"
    assert gone("overdue_late", "ta", {"en"}, "hi") == "en"


def test_a_rich_text_does_not_go_where_no_language_of_the_person_is_signed_off() -> None:
    """English as shipped has been signed off by nobody either; the text that is missing is named."""
    assert gone("overdue_late", "ta", set()) == "none"
    assert missing_text(Channel.SMS, step_of("overdue_late"), ("ta", "en"), (), set()) is None
    said = missing_text(Channel.SMS, step_of("overdue_late"), ("ta", "en"), ("penal",), {"ta"})
    assert said is not None
    assert (said.text, said.language, said.sentences) == ("overdue_late", "ta", ("penal",))


def test_a_language_without_sheets_is_written_to_in_the_next_one() -> None:
    """A language that the product does not have is no reason to stay silent."""
    assert gone("pre_due", "ml", set(), "kn") == "kn"


def test_the_latest_version_goes() -> None:
    newer = {**LIBRARY.templates, "pre_due_sms_en_2": replace(LIBRARY.templates["pre_due_sms_en_1"], name="pre_due_sms_en_2")}
    found = chosen(texts_for(replace(LIBRARY, templates=newer), step_of("pre_due"), set()), ("en",), ())
    assert found is not None
    assert found.name == "pre_due_sms_en_2"


@given(st.sampled_from(LANGUAGES), st.sampled_from(LANGUAGES), st.sets(st.sampled_from(LANGUAGES)), st.sampled_from(THREE))
def test_whatever_goes_may_go(wanted: str, second: str, reviewed: set[str], name: str) -> None:
    """A text is either a plain reminder or in a language that is signed off; it is the first such of the three, or there is none."""
    may = [one for one in (wanted, second, "en") if one in reviewed or KINDS[name].plain_reminder]
    assert gone(name, wanted, reviewed, second) == (may or ["none"])[0]


@pytest.mark.parametrize("name", THREE)
def test_the_library_speaks_every_language(name: str) -> None:
    """So that a none above is the rule's and no gap's."""
    assert {one.language for one in texts_for(LIBRARY, step_of(name), set(LANGUAGES))} == set(LANGUAGES)


CODE = "9999999999-BLCR-Q2UR-QY7I-4HMQ"
"""The longest that a variable takes: of a log of ten milliard entries less one."""


def own_text(text: str, *variables: tuple[str, VariableKind]) -> Template:
    """A text of the lender's own."""
    return Template("own", "en", text, tuple(Variable(*one) for one in variables), (Purpose.RECOVERY,), "KAVERI", "1", {})


def test_the_code_of_the_log_stands_only_in_a_text_that_has_a_variable_for_it() -> None:
    """A text that is registered to the letter is never added to."""
    amount, code = ("amount", VariableKind.AMOUNT), ("log_code", VariableKind.REFERENCE)
    plain, coded = own_text("Rs {#var#} is due.", amount), own_text("Rs {#var#} is due. Log {#var#}", amount, code)
    known = {"amount": 100_00, "log_code": CODE}
    assert plain.body(plain.values(values_for(plain, "LN/1", known))) == "Rs 100 is due."
    assert coded.body(coded.values(values_for(coded, "LN/1", known))) == f"Rs 100 is due. Log {CODE}"
    channel = replace(LIBRARY, templates={"own": coded})
    assert texts_for(channel, step_of("overdue_early"), set()) == (coded,)
    with pytest.raises(TemplateError, match="log_code"):
        values_for(coded, "LN/1", {"amount": 100_00, "log_code": None})
