"""What a replay says of a bundle that was changed and sealed anew: each thing that does not hold, where, and in which words."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from sulah.guard.bundle import CONTACTS, DECISIONS, ERASURES, FORM, MANIFEST, RECEIPTS, BundleError
from sulah.guard.replay import replayed
from sulah.guard.replay_says import Difference, Replay, replay_words
from tests.evidence.small_bundle import DAY, Files, InMemory, receipt_for, records, sealed, small_files, text_of

Record = dict[str, Any]
CLEAN = dict(small_files())
BOOK = next(name for name in CLEAN if name.startswith("rules/"))


def replay(**changed: bytes) -> Replay:
    """The clean bundle with some files in place of its own, sealed anew."""
    return replayed(InMemory(sealed({**CLEAN, **{f"{name}.jsonl": text for name, text in changed.items()}})))


def said(**changed: bytes) -> list[str]:
    """The differences, as people read them."""
    return [str(one) for one in replay(**changed).differences]


def nth(permitted: bool, place: int = 0) -> int:
    """The place among the decisions of the nth permit or refusal."""
    return [at for at, one in enumerate(records(CLEAN, DECISIONS)) if one["outcome"]["permitted"] is permitted][place]


def with_decision(place: int, change: Callable[[Record], Record]) -> bytes:
    """The decisions with one of them changed."""
    some = records(CLEAN, DECISIONS)
    some[place] = change(some[place])
    return text_of(some)


def without_facts(place: int) -> bytes:
    """The decisions, of one of which the facts are gone."""
    return with_decision(place, lambda one: {**one, "facts": None})


def test_decisions_out_of_their_order_or_twice_are_named() -> None:
    some, words = records(CLEAN, DECISIONS), "decisions do not stand in their order, or one stands twice"
    last = nth(False, -1)
    assert said(decisions=text_of([*some[: last + 1], some[last], *some[last + 1 :]])) == [f"decision {last + 1}: {words}"]
    first, second = nth(False, 0), nth(False, 1)
    some[first], some[second] = some[second], some[first]
    found = said(decisions=text_of(some))
    behind = [after["id"] for before, after in pairwise(some) if after["id"] < before["id"]]
    assert [one for one in found if words in one] == [f"decision {number}: {words}" for number in behind] != []


def test_a_damaged_decision_is_named_and_the_others_are_still_judged() -> None:
    found = replay(decisions=with_decision(nth(False), lambda one: {name: one[name] for name in one if name != "verdicts"}))
    assert [str(one) for one in found.differences] == ["file decisions.jsonl: a decision cannot be read: KeyError('verdicts')"]
    assert (found.decisions, found.same) == (14, 13)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verdicts": [{"rule_id": "R", "answer": 1}]}, "ValueError('its verdicts are damaged')"),
        ({"verdicts": [{"rule_id": 7, "answer": "no"}]}, "ValueError('its verdicts are damaged')"),
        ({"verdicts": [{"rule_id": "R", "answer": "no"}, {"rule_id": 7, "answer": "no"}]}, "ValueError('its verdicts are damaged')"),
        ({"intent": {"person_id": "P1", "at": "2026-11-24T06:30:00"}}, "ValueError('its instant has no time zone')"),
    ],
    ids=str,
)
def test_a_decision_whose_parts_are_of_another_kind_is_named(change: Record, why: str) -> None:
    found = said(decisions=with_decision(nth(False), lambda one: {**one, **change}))
    assert found == [f"file decisions.jsonl: a decision cannot be read: {why}"]


def test_a_decision_of_another_day_is_named() -> None:
    some = records(CLEAN, DECISIONS)
    manifest = json.loads(sealed(CLEAN)[MANIFEST])
    found = replayed(InMemory({**CLEAN, MANIFEST: text_of([{**manifest, "day": str(DAY + timedelta(days=1))}])}))
    own = [one for one in found.differences if one.words == "the decision is of another day"]
    assert [one.decision for one in own] == [one["id"] for one in some]
    assert found.same == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"book": "0" * 64}, "fact rules: the rules that it names are not in the bundle"),
        ({"rules_version": "0" * 64}, "fact rules_version: the rules in force are others than it was made under"),
        ({"facts_sha256": "0" * 64}, "fact facts: the facts are others than it rested on"),
        ({"content_sha256": "0" * 64}, "fact content_sha256: decided again it is not the same to the byte"),
        ({"facts": None}, "fact facts: its facts are gone, and nothing says that the person was erased since"),
    ],
    ids=str,
)
def test_a_decision_that_names_other_rules_or_facts_is_told_by_what_is_off(change: Record, words: str) -> None:
    place = nth(False)
    assert said(decisions=with_decision(place, lambda one: {**one, **change})) == [f"decision {place + 1}, {words}"]


def test_an_outcome_that_is_not_the_one_decided_again_is_told_with_both() -> None:
    place = nth(False)
    told = records(CLEAN, DECISIONS)[place]["outcome"]["next_lawful_at"]
    other = with_decision(place, lambda one: {**one, "outcome": {**one["outcome"], "next_lawful_at": "2026-11-30T03:30:00.000000+00:00"}})
    assert said(decisions=other) == [
        f"decision {place + 1}, fact next_lawful_at: it says 2026-11-30T03:30:00.000000+00:00, decided again it is {told}"
    ]


def test_a_decision_whose_facts_cannot_be_read_is_named() -> None:
    place = nth(False)
    (found,) = said(decisions=with_decision(place, lambda one: {**one, "facts": {"person": "x"}}))
    assert found.startswith(f"decision {place + 1}, fact facts: it cannot be decided: this is no whole record of Facts")


def test_facts_that_still_fit_their_digest_but_are_written_otherwise_are_others() -> None:
    """Decided again they give the same: the digest is over the text, not over what it means."""
    place = nth(False)

    def shifted(one: Record) -> Record:
        at = datetime.fromisoformat(one["facts"]["contacts"][0]["at"]).isoformat()
        assert at != one["facts"]["contacts"][0]["at"]
        return {**one, "facts": {**one["facts"], "contacts": [{**one["facts"]["contacts"][0], "at": at}, *one["facts"]["contacts"][1:]]}}

    assert said(decisions=with_decision(place, shifted)) == [f"decision {place + 1}, fact facts: the facts are others than it rested on"]


class TestLedger:
    """Contacts and permits."""

    def test_a_contact_left_out_is_missed_by_its_permit_and_by_later_facts(self) -> None:
        some = records(CLEAN, CONTACTS)
        gone, rest = some[0], some[1:]
        found = said(contacts=text_of(rest))
        assert found[-1] == f"decision {gone['decision']}, fact contact: the permit has no contact in the ledger"
        told = f"fact contacts: the facts tell of a contact that the ledger does not have: {gone['channel']} at {gone['at']}, "
        assert found[0].partition(", ")[2] == f"{told}{gone['steps'][-1][1]}, ours"
        assert replay(contacts=text_of(rest)).contacts == len(rest)

    def test_a_contact_put_in_has_no_permit_and_is_in_nobodys_facts(self) -> None:
        some = records(CLEAN, CONTACTS)
        more = {**some[0], "id": 99, "decision": None}
        found = said(contacts=text_of([*some, more]))
        assert found[-1] == "contact 99: the contact has no permit of its own in the bundle"
        assert any("fact contacts: the facts leave out a contact of the ledger: sms at 2026-11-24T" in one for one in found)
        assert any(one.endswith("2 contacts count by the ledger; the limit is 2, and the cap let it through") for one in found)

    def test_a_contact_under_a_permit_for_something_else_is_named(self) -> None:
        some = records(CLEAN, CONTACTS)
        some[-1] = {**some[-1], "purpose": "pre_due"}
        last = some[-1]
        assert f"decision {last['decision']}, contact {last['id']}: the contact has no permit of its own in the bundle" in said(
            contacts=text_of(some)
        )

    def test_a_contact_of_another_source_or_day_needs_no_permit_here(self) -> None:
        """An agency's contact of the last minutes, at the end of the day, stands in nobody's facts."""
        some = records(CLEAN, CONTACTS)
        late = "2026-11-24T18:29:59.000000+00:00"
        agencies = {**some[0], "id": 98, "decision": None, "source": "agency_file", "at": late, "steps": [[late, "sent"]]}
        tomorrow = "2026-11-24T18:30:00.000000+00:00"
        ours = {**some[0], "id": 99, "at": tomorrow, "decision": 900, "steps": [[tomorrow, "reserved"]]}
        assert said(contacts=text_of([*some, agencies, ours])) == []
        ours = {**ours, "at": late, "steps": [[late, "reserved"]]}
        assert said(contacts=text_of([*some, ours])) == ["decision 900, contact 99: the contact has no permit of its own in the bundle"]

    def test_a_damaged_contact_is_named(self) -> None:
        some = records(CLEAN, CONTACTS)
        found = said(contacts=text_of([*some, {**some[0], "steps": []}]))
        assert found == ["file contacts.jsonl: its steps are not given"]


class TestRules:
    """The book of rules in the bundle."""

    def test_a_rule_that_is_not_in_force_has_no_say(self) -> None:
        place = nth(False)
        found = said(
            decisions=with_decision(place, lambda one: {**one, "verdicts": [*one["verdicts"], {"rule_id": "NONE", "answer": "yes"}]})
        )
        assert f"decision {place + 1}, rule NONE: the rule is not among those in force" in found
        assert f"decision {place + 1}, rule NONE: the rule answered, and is not asked when decided again" in found

    def test_a_rule_that_did_not_answer_or_answered_otherwise_is_told(self) -> None:
        place = nth(False)
        rule = records(CLEAN, DECISIONS)[place]["verdicts"][0]
        without = with_decision(place, lambda one: {**one, "verdicts": one["verdicts"][1:]})
        assert said(decisions=without) == [
            f"decision {place + 1}, rule {rule['rule_id']}: the rule is asked when decided again, and did not answer"
        ]
        more = with_decision(place, lambda one: {**one, "verdicts": [{**rule, "more": 1}, *one["verdicts"][1:]]})
        assert said(decisions=more) == [f"decision {place + 1}, rule {rule['rule_id']}: its verdict says more than the guard says"]

    def test_a_book_that_does_not_lie_under_its_own_digest_is_not_used(self) -> None:
        book = json.loads(CLEAN[BOOK])
        book["sheets"]["contact_rule"][0]["note"] = "another"
        found = replayed(InMemory(sealed({**CLEAN, BOOK: text_of([book])})))
        assert str(found.differences[0]) == f"file {BOOK}: a book of rules does not lie under its own digest"
        assert {one.fact for one in found.differences[1:]} == {"rules"}

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (b'{"entity":"nbfc_mfi"}\n', "a book of rules is damaged: KeyError('sheets')"),
            (b'{"entity":"nbfc_mfi","sheets":[]}\n', "a book of rules is damaged: AttributeError"),
            (b'{"entity":"shop","sheets":{}}\n', "'shop' is not a valid EntityType"),
            (b"[1]\n", "a line is not the canonical text of a record"),
        ],
    )
    def test_a_book_that_cannot_be_read_is_told_with_why(self, text: bytes, why: str) -> None:
        name = f"rules/{hashlib.sha256(text).hexdigest()}.json"
        (found,) = replayed(InMemory(sealed({**CLEAN, name: text}))).differences
        assert str(found).startswith(f"file {name}: the book of rules cannot be read: {why}")


@pytest.mark.parametrize("line", [b'{"a": 1}\n', b"[1]\n", b'{"a":1}', b'{"b":1,"a":2}\n', b"no\n", b"7\n"])
def test_a_line_that_is_no_canonical_record_is_named_by_its_place(line: bytes) -> None:
    (found,) = said(contacts=CLEAN[CONTACTS] + line)
    assert found.startswith(f"file contacts.jsonl: line {len(records(CLEAN, CONTACTS)) + 1} cannot be read: ")


@pytest.mark.parametrize("name", ["content", "facts", "rules", "intent", "person", "permitted"])
def test_what_the_log_was_told_otherwise_is_named(name: str) -> None:
    first, *rest = records(CLEAN, DECISIONS)
    found = replay(receipts=text_of([receipt_for(first, **{name: "other"}), *map(receipt_for, rest)]))
    assert [str(one) for one in found.differences] == [f"decision {first['id']}, file receipts.jsonl: the log was told otherwise: {name}"]
    assert found.receipts == len(rest)


def test_words_that_the_entry_does_not_commit_to_are_told() -> None:
    first, *_ = records(CLEAN, DECISIONS)
    made = receipt_for(first)
    for salt, words in (
        ("01" * 32, "the words of the receipt are not those that the log's entry commits to"),
        ("00" * 31, "the receipt cannot be read: UnprovenError('a salt has 32 bytes')"),
    ):
        made["receipt"]["opening"]["salt"] = salt
        assert [one.words for one in replay(receipts=text_of([made])).differences] == [words]


def test_a_receipt_of_nothing_here_is_told_and_not_counted() -> None:
    found = replay(receipts=text_of([{"a": 1}, {"decision": 0}, {"decision": True}]))
    assert found.receipts == 0
    assert [one.words for one in found.differences] == ["the receipt is of no decision here, or its second"] * 3


def test_what_is_no_bundle_of_this_form_is_refused_in_words() -> None:
    with pytest.raises(BundleError, match=f"there is no {MANIFEST}: this is no bundle of decisions"):
        replayed(InMemory({name: text for name, text in CLEAN.items() if name != MANIFEST}))
    manifest = json.loads(CLEAN[MANIFEST])
    with pytest.raises(BundleError, match=f"^the bundle is of the form 'other/1'; this guard reads {FORM}$"):
        replayed(InMemory({**CLEAN, MANIFEST: text_of([{**manifest, "bundle": "other/1"}])}))
    with pytest.raises(BundleError, match=f"^{MANIFEST} cannot be read: "):
        replayed(InMemory({**CLEAN, MANIFEST: json.dumps(manifest).encode()}))


def test_a_difference_names_its_place_where_it_has_one() -> None:
    whole = Difference("it is off", decision=0, rule="R", fact="F", file="a", contact=2)
    assert str(whole) == "decision 0, contact 2, rule R, fact F, file a: it is off"
    assert str(Difference("it is off")) == "it is off"


def test_the_words_of_a_replay_tell_what_was_not_shown() -> None:
    found = replay(decisions=without_facts(nth(False)), receipts=b"")
    words = replay_words(found, digest_known=False, most=0)
    assert words[1:] == [
        "13 came out the same to the byte.",
        f"13 lists of contacts and {found.caps} answers of caps were counted anew.",
        "No receipt of a log is in the bundle, so nothing here shows that these are all decisions of the day.",
        f"The digest {found.manifest.digest} was compared with nothing: ask somebody else for it (--digest).",
        "and 1 more",
        "DOES NOT HOLD: 1 differences.",
    ]
    assert replay_words(found, digest_known=False, most=1)[-2:] == [f"DIFFERENT: {found.differences[0]}", "DOES NOT HOLD: 1 differences."]
    whole = replay_words(replay(receipts=text_of([receipt_for(one) for one in records(CLEAN, DECISIONS)])), digest_known=True)
    assert whole[3:] == [
        "Of 14 the log's receipt says the same. "
        "Whether it is the lender's log, and has no other decision of the day, sulah_bundle.py says.",
        "HOLDS.",
    ]


@pytest.mark.parametrize("differences", [19, 20, 21, 22])
def test_twenty_differences_are_told_one_by_one_and_the_rest_is_counted(differences: int) -> None:
    found = replay(receipts=text_of([{"a": place} for place in range(differences)]))
    words = replay_words(found, digest_known=True)
    assert sum(line.startswith("DIFFERENT: ") for line in words) == min(differences, 20)
    assert [line for line in words if line.startswith("and ")] == [f"and {differences - 20} more"] * (differences > 20)


def test_of_a_lender_that_is_called_simulated_it_is_said_once() -> None:
    manifest = json.loads(CLEAN[MANIFEST])
    found = replayed(InMemory({**CLEAN, MANIFEST: text_of([{**manifest, "lender": "Kaveri, simulated"}])}))
    assert replay_words(found, digest_known=True)[0].startswith("Kaveri, simulated, 2026-11-24: ")
    found = replayed(InMemory({**CLEAN, MANIFEST: text_of([{**manifest, "simulated": False}])}))
    assert replay_words(found, digest_known=True)[0].startswith("Kaveri, 2026-11-24: ")


def test_no_list_but_those_that_a_bundle_has_is_passed_over() -> None:
    clean: Files = {name: text for name, text in CLEAN.items() if name not in (ERASURES, RECEIPTS)}
    assert [one.file for one in replayed(InMemory(sealed(clean))).differences] == [ERASURES, RECEIPTS]
