"""The texts as they are shipped: whole in every language and channel, the same variables, within the limits of each channel."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.library import Written, missing, template_of, unfit, written
from sulah.outreach.sms.parts import parts
from sulah.outreach.sms.settings import CATEGORIES
from sulah.outreach.template import Template
from sulah.policy.languages import LANGUAGES
from sulah.policy.text_rows import TextRow, TextRowError, all_text_rows, cost_of, costs, row_of, text_kinds, text_rows
from tests.architecture.tree import ROOT
from tests.outreach.house import HOSTS, KAVERI, VALUES

KINDS = text_kinds()
PAYLOADS = {"paid", "promise", "part", "cannot_pay", "dispute", "wrong_number", "call_me", "language", "stop", "complaint", "repeat"}
PARTS, PARTS_WITH_ALL = 4, 6
"""Parts of an SMS without and with all of its sentences: a limit of ours, because each part is paid for."""
LONGEST = {"body": 1024, "header": 60, "footer": 60, "button": 20}
"""WhatsApp: body, header and footer of a template, title of a reply button (developers.facebook.com, "Components" and "Interactive reply
buttons")."""
VARIABLES, SHARE = 6, 0.4
"""Variables of a registered SMS, and the part of the message that they may be: docs.localmail.io, "Frequently Asked Questions" on DLT,
and messaging.kaleyra.com, "How many variable parameters can I use in a message"; your operator's portal decides."""


def every() -> Iterator[tuple[TextRow, Written, Template]]:
    """Every row with every combination of its sentences, as it is registered."""
    for row in all_text_rows():
        for count in range(len(row.optional) + 1):
            for with_ in itertools.combinations(row.optional, count):
                one = written(row, KINDS[row.name], KAVERI, with_)
                yield row, one, template_of(one, KINDS[row.name], hosts=HOSTS)


def body_of(template: Template) -> str:
    """What a person of the village reads."""
    return template.body(template.values({variable.name: VALUES[variable.name] for variable in template.variables}))


EVERY = list(every())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_text_of_the_register_once_for_each_channel(code: str) -> None:
    """Nothing missing, nothing twice, nothing that the register does not know."""
    held = Counter((row.name, row.channel) for row in text_rows(code))
    assert held == Counter((kind.name, channel) for kind in KINDS.values() for channel in kind.channels)


def test_every_text_builds_with_the_values_of_the_village() -> None:
    """In every language, channel and combination: no place is left open, no value is refused."""
    assert len(EVERY) == 131 * len(LANGUAGES)
    assert [row for row, _, template in EVERY if re.search(r"[{}<>]", body_of(template))] == []


def test_a_text_has_the_same_variables_and_sentences_in_every_language() -> None:
    """What the register says, neither more nor less."""
    assert [(row.language, row.name, row.channel, odd) for row in all_text_rows() if (odd := unfit(row, KINDS[row.name]))] == []
    english = {(row.name, row.channel): (set(row.optional), row.choices, row.buttons) for row in text_rows("en")}
    for row in all_text_rows():
        sentences, choices, buttons = english[row.name, row.channel]
        assert set(row.optional) == sentences
        assert [choice[:2] for choice in row.choices] == [choice[:2] for choice in choices]
        assert [button[0] for button in row.buttons] == [button[0] for button in buttons]


def test_every_text_has_what_its_register_asks_for() -> None:
    """Lender, amount, grievance line and opt-out in every recovery text."""
    assert [(row.language, row.name, row.channel, lacking) for row in all_text_rows() if (lacking := missing(row, KINDS[row.name]))] == []
    demanding = [kind for kind in KINDS.values() if {"recovery", "pre_due"} & set(kind.purposes)]
    assert len(demanding) == 6
    assert all({"lender", "amount", "grievance", "stop"} <= set(kind.needs) for kind in demanding)


def test_every_overdue_text_has_a_sentence_for_the_penal_charge() -> None:
    """PEN-MSG: a reminder of something overdue names the penal charge where there is one."""
    overdue = [row for row in all_text_rows() if row.name in ("overdue_early", "overdue_late", "broken_promise")]
    assert len(overdue) == 3 * 4 * len(LANGUAGES)
    assert all("{penal}" in row.optional["penal"] for row in overdue)


def test_a_text_for_somebody_else_says_nothing_of_a_loan() -> None:
    """PTY-LEAK: the answer to a wrong number has no variable, and neither subject nor header of any text tells of a debt."""
    assert KINDS["wrong_number_reply"].variables == ()
    for row in all_text_rows():
        assert set(re.findall(r"\{(\w+)\}", row.subject + row.header)) <= {"receipt", "complaint"}
        assert set(re.findall(r"\{(\w+)\}", row.opening)) <= {"borrower"}


def test_a_script_asks_who_is_there_before_it_speaks_of_a_loan_and_always_offers_a_person() -> None:
    """BOT-TELL and PTY-LEAK: the opening says machine, lender and for whom, 2 is for somebody else; 1 to 6, 9 again, 0 a person."""
    scripts = [row for row in all_text_rows() if row.channel == "bot_call"]
    assert len(scripts) == 5 * len(LANGUAGES)
    for row in scripts:
        assert "<lender>" in row.opening
        assert {"1", "2"} <= set(re.findall(r"\d", row.opening))
        assert [choice[0] for choice in row.choices] == ["1", "2", "3", "4", "5", "6", "9", "0"]
        assert all(key in words for key, _, words in row.choices)
        assert {key: payload for key, payload, _ in row.choices}["0"] == "call_me"


def test_payloads_are_the_intents_that_answers_are_read_as() -> None:
    """Buttons and keys carry nothing else."""
    used = {payload for row in all_text_rows() for payload in (*(b[0] for b in row.buttons), *(c[1] for c in row.choices))}
    assert used <= PAYLOADS
    assert all(len(row.buttons) <= 3 for row in all_text_rows())


def test_an_sms_keeps_to_its_parts() -> None:
    """English in GSM-7 within three parts; every other within four, six with all of its sentences."""
    counted = [(row, one, parts(body_of(template))) for row, one, template in EVERY if row.channel == "sms"]
    assert max(count for row, _, (_, _, count) in counted if row.language == "en") <= 3
    assert {encoding for row, _, (encoding, _, _) in counted if row.language == "en"} == {"GSM-7"}
    assert [one.name for _, one, (_, _, count) in counted if count > (PARTS_WITH_ALL if one.with_ else PARTS)] == []


def test_a_registered_sms_keeps_to_the_limits_of_the_register() -> None:
    """At most six variables, and enough fixed text around them."""
    for row, one, template in EVERY:
        if row.channel == "sms":
            assert len(one.variables) <= VARIABLES
            fixed = len(one.text.replace("{#var#}", ""))
            assert fixed >= (1 - SHARE) * len(body_of(template)), one.name


def test_a_whatsapp_template_keeps_to_its_lengths() -> None:
    """Body, header, footer, buttons; and the body neither begins nor ends with a variable, which the platform refuses."""
    for row, one, template in EVERY:
        if row.channel == "whatsapp":
            assert len(body_of(template)) <= LONGEST["body"]
            assert len(one.header) <= LONGEST["header"]
            assert len(one.footer) <= LONGEST["footer"]
            assert all(0 < len(words) <= LONGEST["button"] for _, words in one.buttons), one.name
            assert not one.text.startswith("{#var#}")
            assert not one.text.endswith("{#var#}")


def test_every_text_names_its_author_and_claims_no_native_reader() -> None:
    """A reviewer appears here only with a person behind it; as shipped there is none, and every author says draft."""
    assert {row.author for row in all_text_rows()} == {"Sulah project (draft)"}
    assert {row.reviewed_by for row in all_text_rows()} == {""}


def test_every_text_says_why_it_may_be_sent_and_of_what_kind_it_is() -> None:
    """Purposes, channels and categories are terms of the field; each has rules and a source; none speaks of law."""
    for kind in KINDS.values():
        assert {Purpose(purpose) for purpose in kind.purposes}
        assert {Channel(channel) for channel in kind.channels} >= {Channel.SMS, Channel.WHATSAPP, Channel.EMAIL}
        assert kind.category in CATEGORIES
        assert kind.rules
        assert kind.citation
        assert not kind.legal_words


def test_texts_are_written_in_the_script_of_their_language() -> None:
    """No letter of another Indian script, and Latin only where the thing has no other name."""
    blocks = {"hi": 0x900, "mr": 0x900, "bn": 0x980, "or": 0xB00, "ta": 0xB80, "te": 0xC00, "kn": 0xC80, "en": 0x41}
    known = {"STOP", "SMS", "RBI", "UTR", "https", "cms", "rbi", "org", "in"}
    for row in all_text_rows():
        words = re.sub(
            r"\{\+?\w+\}|<\w+>", "", "\n".join((row.subject, row.text, row.footer, row.opening, row.closing, *row.optional.values()))
        )
        for sign in words:
            if row.language != "en" and 0x900 <= ord(sign) < 0xD80 and sign not in "।":
                assert 0 <= ord(sign) - blocks[row.language] < 0x80, (row.language, row.name, sign)
        if row.language != "en":
            assert set(re.findall(r"[A-Za-z]+", words)) <= known, (row.language, row.name)
        else:
            assert words.isascii(), row.name


def test_a_row_that_cannot_be_read_says_which_and_why() -> None:
    """Unknown text, channel, column and sentence."""
    good = {"name": "receipt", "channel": "sms", "version": 1, "effective_from": date(2026, 1, 1), "author": "A", "text": "T"}
    assert row_of("en", good).name == "receipt"
    for wrong, words in (
        ({"name": "threat"}, "no such text"),
        ({"channel": "bot_call"}, "no such text for that channel"),
        ({"txet": "T"}, "txet"),
        ({"optional": {"link": "x"}}, "knows no sentence link"),
        ({"name": "pre_due", "optional": {"link": "x"}}, "no place for its sentence link"),
    ):
        with pytest.raises(TextRowError, match=words):
            row_of("en", {**good, **wrong})


def test_a_cost_counts_from_its_date_and_says_that_it_is_to_be_confirmed() -> None:
    """The day before there is none; figures without the contract are marked."""
    sms = cost_of("sms", date(2026, 11, 23))
    assert sms is not None
    assert (sms.paise, sms.unit) == (35, "part")
    assert cost_of("sms", date(2026, 3, 31)) is None
    assert all(cost.verify and cost.citation for cost in costs())


def test_the_document_lists_the_texts_as_they_are() -> None:
    """Name, title, plain or not, sentences: a row of the register is a row of docs/policy/texts.md."""
    document = (ROOT / "docs" / "policy" / "texts.md").read_text("utf-8")
    for kind in KINDS.values():
        sentences = ", ".join(f"`{name}`" for name in kind.optional) or "—"
        assert f"| `{kind.name}` | {kind.title} | {'yes' if kind.plain_reminder else 'no'} | {sentences} |" in document
