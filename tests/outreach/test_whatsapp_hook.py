"""What the platform sends to our door: signed, batched, repeated, in any order, and not always what we know."""

import copy
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Cost, Heard, HeardKind, Report, Told, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.platform import NO_LIMIT, NewsKind, PlatformNews
from sulah.outreach.whatsapp.hook import CloudHook
from sulah.outreach.whatsapp.settings import settings_of
from tests.outreach.whatsapp_place import (
    APP,
    FAILED,
    FORMER,
    INBOUND,
    MESSAGE,
    NEWS,
    SECRETS,
    STATUS,
    TO,
    VERIFY,
    batch,
    call,
    change,
    news,
    settings,
)

HOOK = CloudHook(settings_of(tomllib.loads(settings()), SECRETS).provider("meta"))


def told(*changes: Any, **more: Any) -> tuple[Told, ...]:
    """What a batch says."""
    return HOOK.read(call(batch(*changes, **more)))


def one(*changes: Any, **more: Any) -> Any:
    """The one thing that a batch says."""
    (found,) = told(*changes, **more)
    return found


def greeting(**query: str) -> Call:
    """A handshake."""
    whole = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    return Call("GET", {**whole, **{name.replace("_", ".", 1): value for name, value in query.items()}}, {}, b"")


def test_the_handshake_is_answered_with_the_challenge() -> None:
    assert HOOK.greet(greeting()) == "1158201444"


@pytest.mark.parametrize(
    "wrong",
    [
        greeting(hub_verify_token="another"),
        greeting(hub_verify_token=""),
        greeting(hub_verify_token=APP),
        greeting(hub_mode="unsubscribe"),
        greeting(hub_challenge=""),
        greeting(hub_challenge="<script>"),
        Call("GET", {}, {}, b""),
        Call("POST", greeting().query, {}, b""),
    ],
)
def test_a_wrong_handshake_is_not_answered(wrong: Call) -> None:
    assert HOOK.greet(wrong) is None
    assert not HOOK.genuine(wrong)


@pytest.mark.parametrize("secret", [APP, FORMER])
def test_both_app_secrets_open_the_door_while_one_changes(secret: str) -> None:
    assert HOOK.genuine(call(batch(), secret))
    assert not HOOK.genuine(call(batch(), "a-secret-of-somebody-else"))


@pytest.mark.parametrize("header", ["", "sha256=", "sha1=" + "0" * 40, "sha256=" + "0" * 63, "sha256=" + "0" * 64 + "\n", "é"])
def test_a_signature_that_is_none_is_refused(header: str) -> None:
    assert not HOOK.genuine(Call("POST", {}, {"x-hub-signature-256": header}, batch()))
    assert not HOOK.genuine(Call("POST", {}, {}, batch()))


def test_only_a_post_is_genuine() -> None:
    signed = call(b"")
    assert HOOK.genuine(signed)
    assert not HOOK.genuine(Call("GET", {}, signed.headers, b""))


@given(st.data())
def test_any_flipped_bit_of_a_signed_body_is_refused(data: st.DataObject) -> None:
    signed = call(batch(change(statuses=[STATUS], messages=[MESSAGE])))
    place = data.draw(st.integers(0, len(signed.body) - 1))
    flipped = bytearray(signed.body)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    assert HOOK.genuine(signed)
    assert not HOOK.genuine(Call("POST", {}, signed.headers, bytes(flipped)))


def test_a_message_that_was_sent_is_reported_with_its_cost() -> None:
    found = one(change(statuses=[STATUS]))
    assert (found.reference, found.provider_reference, found.attested) == ("m-1", STATUS["id"], SendState.SENT)
    assert (found.at, found.error) == ("2025-06-15T23:27:53+00:00", "")
    assert found.cost == Cost("utility", billable=True, tariff="regular")


@pytest.mark.parametrize(("status", "words"), [("delivered", ""), ("read", "read"), ("played", "played")])
def test_who_saw_it_has_got_it(status: str, words: str) -> None:
    given_ = {**STATUS, "status": status}
    del given_["pricing"]
    found = one(change(statuses=[given_]))
    assert (found.attested, found.error, found.cost) == (SendState.DELIVERED, words, None)


def test_a_failure_keeps_its_code_and_no_number_of_a_person() -> None:
    found = one(change(statuses=[FAILED]))
    assert (found.attested, found.error) == (SendState.UNDELIVERED, "131026 Message Undeliverable to ....")


def test_a_status_without_our_reference_keeps_theirs() -> None:
    bare = {name: value for name, value in STATUS.items() if name != "biz_opaque_callback_data"}
    assert (one(change(statuses=[bare])).reference, one(change(statuses=[bare])).provider_reference) == ("", STATUS["id"])
    assert one(change(statuses=[{**STATUS, "biz_opaque_callback_data": "x" * 81}])).reference == ""


@pytest.mark.parametrize(
    ("kind", "how", "text", "choice", "answers_ours"),
    [
        ("text", HeardKind.TEXT, "Does it come in another color?", "", False),
        ("button", HeardKind.BUTTON, "I have paid", "paid", True),
        ("button_reply", HeardKind.BUTTON, "Change", "change", True),
        ("list_reply", HeardKind.BUTTON, "Later", "later", True),
        ("image", HeardKind.MEDIA, "paid on Monday", "", False),
        ("audio", HeardKind.MEDIA, "", "", False),
        ("location", HeardKind.MEDIA, "", "", False),
        ("reaction", HeardKind.TEXT, "\U0001f44d", "", True),
        ("unsupported", HeardKind.MEDIA, "", "", False),
    ],
)
def test_what_a_person_sends_is_heard(kind: str, how: HeardKind, text: str, choice: str, answers_ours: bool) -> None:
    found = one(change(messages=[INBOUND[kind]]))
    assert isinstance(found, Heard)
    assert (found.sender, found.at, found.kind, found.text, found.choice) == (f"+{TO}", "2025-06-08T20:59:43+00:00", how, text, choice)
    assert found.provider_reference == (STATUS["id"] if answers_ours else "")
    assert found.answers == ""


def test_a_kind_that_the_platform_adds_later_goes_to_a_person() -> None:
    found = one(change(messages=[{**MESSAGE, "type": "hologram", "hologram": {"id": "1"}}]))
    assert (found.kind, found.sender, found.text) == (HeardKind.MEDIA, f"+{TO}", "")
    flow = {**MESSAGE, "type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {}}}
    assert one(change(messages=[flow])).kind is HeardKind.MEDIA


def test_a_person_who_hides_the_number_is_heard_without_one() -> None:
    hidden = {**INBOUND["button"], "from_user_id": "IN.13491208655302741918"}
    del hidden["from"]
    found = one(change(messages=[hidden]))
    assert (found.sender, found.choice, found.provider_reference) == ("", "paid", STATUS["id"])
    assert one(change(messages=[{**MESSAGE, "from": "IN.13491208655302741918"}])).sender == ""


@pytest.mark.parametrize(
    "nothing_said",
    [
        {**MESSAGE, "type": "system", "system": {"type": "user_changed_number", "wa_id": "919812345679"}},
        {**INBOUND["reaction"], "reaction": {"message_id": STATUS["id"]}},
        {**INBOUND["reaction"], "reaction": {"message_id": STATUS["id"], "emoji": ""}},
        {**MESSAGE, "type": "request_welcome"},
        {**MESSAGE, "group_id": "Y2FwaV9ncm91cDox"},
        {name: value for name, value in MESSAGE.items() if name != "id"},
        "a text instead of a message",
    ],
)
def test_where_nobody_said_anything_to_us_nothing_is_heard(nothing_said: Any) -> None:
    found = one(change(messages=[nothing_said]))
    assert found.kind is NewsKind.UNHANDLED
    assert TO not in found.words


def test_letters_that_a_database_refuses_do_not_come_through() -> None:
    found = one(change(messages=[{**MESSAGE, "text": {"body": "a\x00b\ud800c" + "x" * 9000}}]))
    assert found.text[:4] == "ab?c"
    assert len(found.text) == 5000


@pytest.mark.parametrize(
    ("field", "value", "kind", "limit"),
    [
        ("phone_number_quality_update", None, NewsKind.TIER, 10_000),
        ("phone_number_quality_update", {"event": "DOWNGRADE", "current_limit": "TIER_250"}, NewsKind.TIER, 250),
        ("phone_number_quality_update", {"event": "UPGRADE", "current_limit": "TIER_UNLIMITED"}, NewsKind.TIER, NO_LIMIT),
        ("phone_number_quality_update", {"event": "THROUGHPUT_UPGRADE", "current_limit": "TIER_UNLIMITED"}, NewsKind.QUALITY, None),
        ("phone_number_quality_update", {"event": "ONBOARDING", "current_limit": "TIER_NOT_SET"}, NewsKind.QUALITY, None),
        ("business_capability_update", None, NewsKind.TIER, 2_000),
        ("business_capability_update", {"max_daily_conversations_per_business": -1}, NewsKind.TIER, NO_LIMIT),
        ("business_capability_update", {"max_phone_numbers_per_waba": 20}, NewsKind.UNHANDLED, None),
        ("message_template_status_update", None, NewsKind.TEMPLATE_STOPPED, None),
        *[
            ("message_template_status_update", {"event": event}, NewsKind.TEMPLATE_STOPPED, None)
            for event in ("REJECTED", "DISABLED", "PENDING_DELETION", "ARCHIVED", "LOCKED", "A_NEW_ONE", "")
        ],
        ("message_template_status_update", {"event": "FLAGGED"}, NewsKind.TEMPLATE, None),
        ("message_template_status_update", {"event": "APPROVED"}, NewsKind.TEMPLATE_READY, None),
        ("message_template_status_update", {"event": "REINSTATED"}, NewsKind.TEMPLATE_READY, None),
        ("template_category_update", {"previous_category": "UTILITY", "new_category": "MARKETING"}, NewsKind.TEMPLATE_STOPPED, None),
        ("template_category_update", {"correct_category": "MARKETING"}, NewsKind.TEMPLATE, None),
        ("message_template_quality_update", {"new_quality_score": "RED"}, NewsKind.QUALITY, None),
        ("account_update", None, NewsKind.ACCOUNT, None),
        ("account_alerts", {"alert_info": {"alert_severity": "CRITICAL"}}, NewsKind.ACCOUNT, None),
        ("flows", {"event": "FLOW_STATUS_CHANGE"}, NewsKind.UNHANDLED, None),
    ],
)
def test_news_of_the_platform_are_told_apart(field: str, value: Any, kind: NewsKind, limit: int | None) -> None:
    found = one(news(field, value))
    assert (found.kind, found.limit, found.at) == (kind, limit, "2025-06-15T23:28:00+00:00")


def test_news_name_the_template_and_the_reason() -> None:
    found = one(news("message_template_status_update"))
    assert (found.template, found.language, found.words) == ("loan_due", "en", "PAUSED NONE FIRST_PAUSE")
    assert one(news("account_update")).words == "account_update ACCOUNT_VIOLATION SCAM"
    assert one(news("flows", {})).words == "the field flows"


def test_an_error_of_the_platform_is_news() -> None:
    found = one(change(errors=[{"code": 130429, "title": "Rate limit hit", "error_data": {"details": "too many"}}]))
    assert (found.kind, found.words) == (NewsKind.ERROR, "130429 too many")


def test_what_is_of_another_number_or_account_is_kept_and_not_acted_on() -> None:
    foreign = change(statuses=[STATUS], messages=[MESSAGE])
    foreign["value"]["metadata"]["phone_number_id"] = "1"
    assert one(foreign).words == "messages of another number of the account"
    assert one(change(statuses=[STATUS]), account="7").words == "of another account"


@pytest.mark.parametrize(
    "odd", [{}, {"id": "x"}, {**STATUS, "status": "deleted"}, {**STATUS, "timestamp": "soon"}, {**STATUS, "id": ""}, 7]
)
def test_an_odd_status_does_not_spoil_its_batch(odd: Any) -> None:
    found = told(change(statuses=[odd, STATUS]), news("account_update"))
    assert [type(each) for each in found] == [PlatformNews, Report, PlatformNews]
    assert found[0].kind is NewsKind.UNHANDLED  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"object": "page", "entry": []}', b'{"object": "whatsapp_business_account"}'])
def test_what_is_no_batch_at_all_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableReportError):
        HOOK.read(call(body))
    with pytest.raises(UnreadableReportError):
        HOOK.read(call(b"[" * 100_000))


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*STATUS, *MESSAGE, "value", "field", "entry"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.lists(TREES, max_size=3), TREES, st.sampled_from(["messages", *NEWS, "another"]))
def test_whatever_stands_in_a_signed_batch_is_read_without_a_fault(rows: list[Any], tree: Any, field: str) -> None:
    changes = [change(statuses=rows, messages=rows, errors=rows), {"field": field, "value": tree}, tree]
    for each in HOOK.read(call(batch(*changes))):
        assert isinstance(each, Report | Heard | PlatformNews)
        assert each.event_id


STREAM: list[dict[str, Any]] = [
    *[change(statuses=[{**STATUS, "status": status}]) for status in ("sent", "delivered", "read")],
    change(statuses=[FAILED]),
    change(statuses=[{**STATUS, "id": "wamid.of-another-one", "biz_opaque_callback_data": "m-2"}]),
    *[change(messages=[message]) for message in INBOUND.values()],
    *[news(field) for field in NEWS],
]
CLEAN = {found for each in STREAM for found in told(each)}


@given(st.permutations(range(len(STREAM))), st.lists(st.integers(0, len(STREAM) - 1), max_size=12), st.lists(st.integers(1, 5), min_size=1))
def test_any_order_repetition_and_batching_reads_to_the_same_set(order: list[int], again: list[int], sizes: list[int]) -> None:
    stream = [copy.deepcopy(STREAM[place]) for place in [*order, *again]]
    found: set[Told] = set()
    for turn in range(len(stream)):
        size = sizes[turn % len(sizes)]
        found |= set(told(*stream[:size]))
        del stream[:size]
        if not stream:
            break
    assert found == CLEAN
    assert len({each.event_id for each in CLEAN}) == len(CLEAN) == len(STREAM)


def test_an_event_has_the_same_id_whatever_came_around_it() -> None:
    alone, together = one(change(messages=[MESSAGE])), told(change(statuses=[STATUS], messages=[MESSAGE]))
    assert alone in together
