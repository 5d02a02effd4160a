"""The WhatsApp channel against the platform played on this machine, over real sockets: sends, refusals, faults, webhooks."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sulah.adapters.channels.whatsapp import WhatsAppChannel
from sulah.adapters.sandbox.whatsapp_events import WebhookFaults
from sulah.kernel.sending import EVIDENCE, SendState
from sulah.outreach.channel import Choice, Fault, Handed, Heard, HeardKind, Media, Message, NeverTaken, Report, Taken, Unknown
from sulah.outreach.platform import NewsKind, PlatformNews
from tests.channels.whatsapp_place import Place, until, whatsapp
from tests.outreach.whatsapp_place import TO

DUE = {"template": "due_en", "values": ("1,234.50", "LN/1", "a7x")}
PAPER = ("https://papers.kaveri.example/r/1.pdf", "500", "LN/1")


def fault(place: Place, **asked: object) -> NeverTaken:
    """A message that is known not to be taken."""
    answer = place.send(**asked)  # type: ignore[arg-type]
    assert isinstance(answer, NeverTaken), answer
    return answer


def reports(place: Place) -> list[Report]:
    """The reports that came to our door."""
    return [each for each in place.door.told if isinstance(each, Report)]


def attested(place: Place) -> list[str]:
    """What became of messages, in the order of arrival."""
    return [each.error or str(each.attested) for each in reports(place)]


def heard(place: Place) -> list[Heard]:
    """What persons said."""
    return [each for each in place.door.told if isinstance(each, Heard)]


def news(place: Place) -> list[PlatformNews]:
    """What the platform said of our account."""
    return [each for each in place.door.told if isinstance(each, PlatformNews)]


def test_a_template_goes_out_and_its_statuses_come_back_with_our_reference() -> None:
    with whatsapp() as place:
        answer = place.send("m-1", **DUE)
        assert isinstance(answer, Taken)
        assert until(lambda: len(reports(place)) == 3)
        assert {(each.reference, each.provider_reference) for each in reports(place)} == {("m-1", answer.provider_reference)}
        assert attested(place) == ["sent", "delivered", "read"]
        text = place.get("/_sandbox/taken")["kept"][0]["text"]
        assert "Rs 1,234.50 is due on loan LN/1." in text
        assert "https://pay.kaveri.example/l/a7x" in text


def test_a_receipt_goes_with_its_document_and_is_charged_as_utility() -> None:
    with whatsapp() as place:
        assert isinstance(place.send(template="receipt_en", values=PAPER), Taken)
        assert until(lambda: reports(place))
        cost = reports(place)[0].cost
        assert cost is not None
        assert (cost.category, cost.billable, cost.tariff) == ("utility", True, "regular")


def test_the_wrong_token_or_number_is_the_accounts_fault() -> None:
    with whatsapp(hook=False) as place:
        known = place.channel.settings
        number = known.provider("meta")
        for wrong in (replace(number, token="another-token"), replace(number, number_id="999999"), replace(number, version="v1.0")):
            place.channel = WhatsAppChannel(replace(known, providers=(wrong,)))
            assert fault(place).fault is Fault.ACCOUNT
        assert place.kept == []


def test_a_template_that_the_platform_does_not_have_is_refused() -> None:
    with whatsapp(hook=False) as place:
        theirs = place.sandbox.platform
        theirs.settings = replace(theirs.settings, forms={name: form for name, form in theirs.settings.forms.items() if name != "hello_en"})
        assert "132001" in fault(place).words


def test_free_text_is_refused_until_the_person_writes_and_again_a_day_later() -> None:
    with whatsapp() as place:
        refusal = fault(place, text="Shall we call you?")
        assert (refusal.fault, "131047" in refusal.words) == (Fault.MESSAGE, True)
        assert place.post("/_sandbox/say", {"from": TO, "text": "hello"})[0] == 200
        assert isinstance(place.send("m-2", text="Shall we call you?"), Taken)
        place.clock.forward(hours=23, minutes=59, seconds=59)
        assert isinstance(place.send("m-3", text="Are you there?"), Taken)
        place.clock.forward(seconds=1)
        assert "131047" in fault(place, reference="m-4", text="Are you there?").words
        assert isinstance(place.send("m-5"), Taken)
        assert place.kept == ["m-2", "m-3", "m-5"]


def test_what_is_said_within_a_session_is_not_charged() -> None:
    with whatsapp() as place:
        place.post("/_sandbox/say", {"from": TO, "text": "hello"})
        place.send("m-1", text="Good day.")
        place.send("m-2")
        assert until(lambda: len(reports(place)) == 6)
        costs = {(each.reference, each.cost.category, each.cost.billable) for each in reports(place) if each.cost}
        assert costs == {("m-1", "service", False), ("m-2", "utility", False)}


def test_errors_about_a_person_may_come_by_webhook_only() -> None:
    with whatsapp(told_late=True) as place:
        assert isinstance(place.send("m-1", text="hello"), Taken)
        assert isinstance(place.send("m-2", to="919812345670"), Taken)
        assert until(lambda: len(reports(place)) == 2)
        assert {(each.reference, each.attested, each.error[:6]) for each in reports(place)} == {
            ("m-1", SendState.UNDELIVERED, "131047"),
            ("m-2", SendState.UNDELIVERED, "131026"),
        }


def test_a_number_without_whatsapp_is_refused_for_another_channel_to_try() -> None:
    with whatsapp(hook=False) as place:
        refusal = fault(place, to="919812345670")
        assert (refusal.fault, "131026" in refusal.words) == (Fault.MESSAGE, True)


def test_the_tier_counts_persons_outside_sessions_and_a_day_later_begins_anew() -> None:
    with whatsapp(hook=False, tier=2) as place:
        assert isinstance(place.send("m-1", "919812345672"), Taken)
        assert isinstance(place.send("m-2", "919812345673"), Taken)
        assert isinstance(place.send("m-3", "919812345673"), Taken)
        refusal = fault(place, reference="m-4", to="919812345674")
        assert (refusal.fault, "131048" in refusal.words) == (Fault.ACCOUNT, True)
        place.post("/_sandbox/say", {"from": "919812345674", "text": "hello"})
        assert isinstance(place.send("m-5", "919812345674"), Taken)
        place.clock.forward(days=1)
        assert isinstance(place.send("m-6", "919812345675"), Taken)


def test_too_many_messages_to_one_person_are_held_back_and_others_are_not() -> None:
    with whatsapp(hook=False) as place:
        for number in range(45):
            assert isinstance(place.send(f"m-{number}"), Taken)
        refusal = fault(place, reference="m-45")
        assert (refusal.fault, refusal.retry_seconds, "131056" in refusal.words) == (Fault.BUSY, 6, True)
        assert isinstance(place.send("m-46", "919812345673"), Taken)
        place.clock.forward(seconds=5)
        assert fault(place, reference="m-47").fault is Fault.BUSY
        place.clock.forward(seconds=1)
        assert isinstance(place.send("m-48"), Taken)


def test_the_throughput_of_a_number_is_eighty_a_second() -> None:
    with whatsapp(hook=False) as place:
        for number in range(80):
            assert isinstance(place.send(f"m-{number}", f"9198123456{11 + number}"), Taken | NeverTaken)
        assert (fault(place).fault, "130429" in fault(place).words) == (Fault.BUSY, True)
        place.clock.forward(seconds=1)
        assert isinstance(place.send("m-80"), Taken)


def test_a_template_that_people_report_falls_in_quality_and_is_paused_and_that_is_told() -> None:
    with whatsapp() as place:
        of = {"name": "hello_en", "language": "en"}
        assert [place.post("/_sandbox/report", of)[1]["quality"] for _ in range(3)] == ["YELLOW", "RED", "PAUSED"]
        refusal = fault(place)
        assert (refusal.fault, "132015" in refusal.words) == (Fault.MESSAGE, True)
        assert until(lambda: len(news(place)) == 3)
        assert [each.kind for each in news(place)] == [NewsKind.QUALITY, NewsKind.QUALITY, NewsKind.TEMPLATE_STOPPED]
        assert (news(place)[-1].template, news(place)[-1].language) == ("hello_en", "en")
        assert isinstance(place.send(**DUE), Taken)


def test_a_new_tier_is_told() -> None:
    with whatsapp() as place:
        place.post("/_sandbox/tier", {"limit": 2000})
        assert until(lambda: news(place))
        assert (news(place)[0].kind, news(place)[0].limit) == (NewsKind.TIER, 2000)


def test_a_template_held_for_quality_is_taken() -> None:
    with whatsapp(hook=False, held={"hello_en"}) as place:
        assert isinstance(place.send(), Taken)


def test_buttons_pressed_text_media_and_signs_are_heard_with_what_they_answer() -> None:
    with whatsapp() as place:
        first = place.send("m-1", **DUE)
        assert place.post("/_sandbox/say", {"from": TO, "payload": "paid", "answers": "m-1"})[0] == 200
        second = place.send("m-2", text="Shall we call?", choices=(Choice("yes", "Yes"),))
        assert isinstance(first, Taken)
        assert isinstance(second, Taken)
        place.post("/_sandbox/say", {"from": TO, "payload": "yes", "answers": "m-2"})
        place.post("/_sandbox/say", {"from": TO, "media": "image", "caption": "my receipt"})
        place.post("/_sandbox/say", {"from": TO, "emoji": "\U0001f44d", "answers": "m-1"})
        assert until(lambda: len(heard(place)) == 4)
        assert [(each.kind, each.text, each.choice, each.provider_reference) for each in heard(place)] == [
            (HeardKind.BUTTON, "I have paid", "paid", first.provider_reference),
            (HeardKind.BUTTON, "Yes", "yes", second.provider_reference),
            (HeardKind.MEDIA, "my receipt", "", ""),
            (HeardKind.TEXT, "\U0001f44d", "", first.provider_reference),
        ]
        assert {each.sender for each in heard(place)} == {f"+{TO}"}


@pytest.mark.parametrize(
    "asked",
    [
        {"from": TO, "payload": "never_shown", "answers": "m-1"},
        {"from": TO, "payload": "paid", "answers": "m-9"},
        {"from": TO, "emoji": "x"},
        {"from": TO, "media": "thought"},
        {"from": "somebody", "text": "hello"},
        {"from": TO},
        [],
    ],
)
def test_nobody_can_press_what_was_never_shown(asked: object) -> None:
    with whatsapp(hook=False) as place:
        place.send("m-1", **DUE)
        assert place.post("/_sandbox/say", asked)[0] in (400, 404)
        assert place.sandbox.platform.windows == {}


def test_the_phone_shows_what_arrived_with_its_buttons() -> None:
    with whatsapp(hook=False) as place:
        place.send("m-1", **DUE)
        place.send("m-2", to="919812345671")
        (shown,) = place.get(f"/_sandbox/phone?number={TO}")["messages"]
        assert shown["text"].startswith("Kaveri (simulated)")
        assert [choice["payload"] for choice in shown["choices"]] == ["paid", "call_me"]
        assert place.get("/_sandbox/phone?number=919812345671")["messages"] == []


@pytest.mark.parametrize(
    ("trouble", "kind", "kept"),
    [
        ("busy", Fault.BUSY, 0),
        ("refuse", Fault.MESSAGE, 0),
        ("broken", None, 0),
        ("broken_after", None, 1),
        ("hang", None, 0),
        ("hang_after", None, 1),
        ("reset", None, 0),
        ("reset_after", None, 1),
        ("garbage", None, 1),
        ("slow", None, 1),
    ],
)
def test_only_a_documented_refusal_is_known_not_to_have_taken_effect(trouble: str, kind: Fault | None, kept: int) -> None:
    with whatsapp(hook=False) as place:
        place.sandbox.slow_seconds = 5
        place.trouble(trouble)
        answer = place.send()
        assert (answer.fault if isinstance(answer, NeverTaken) else None) == kind
        assert kind or isinstance(answer, Unknown)
        assert until(lambda: len(place.kept) == kept)
        assert isinstance(place.send("m-2"), Taken)


def test_nothing_leaves_after_its_time_or_to_a_platform_that_is_not_there() -> None:
    with whatsapp(hook=False) as place:
        message = Message("m-1", f"+{TO}", "hello_en", ())
        late = place.channel.send("meta", message, time.monotonic() - 1)
        assert isinstance(late, NeverTaken)
        assert late.fault is Fault.STALLED
        assert place.kept == []
        channel, port = place.channel, place.port
    gone = channel.send("meta", message, time.monotonic() + 5)
    assert port
    assert isinstance(gone, NeverTaken)
    assert gone.fault is Fault.UNREACHABLE


@pytest.mark.parametrize("trouble", ["broken_after", "hang_after", "reset_after", "garbage"])
def test_a_lost_answer_is_made_good_by_the_webhook_that_carries_our_reference(trouble: str) -> None:
    with whatsapp() as place:
        place.trouble(trouble)
        assert isinstance(place.send("m-1"), Unknown)
        looked = place.channel.look_up("meta", [Handed("m-1", datetime(2026, 11, 23, tzinfo=UTC))])
        assert (looked.whole, dict(looked.reports)) == (False, {})
        assert until(lambda: "delivered" in attested(place))
        assert {each.reference for each in reports(place)} == {"m-1"}


@pytest.mark.parametrize(
    ("trouble", "arrives"),
    [
        ("webhook_none", ["sent", "delivered", "read"]),
        ("webhook_drop", []),
        ("webhook_duplicate", ["sent", "delivered", "read"] * 3),
        ("webhook_late", ["sent", "delivered", "read"]),
        ("webhook_out_of_order", ["read", "delivered", "sent"]),
        ("webhook_skipped", ["sent", "read"]),
        ("webhook_forged", ["sent", "delivered", "read"]),
        ("webhook_corrupt", []),
    ],
)
def test_webhooks_come_as_badly_as_they_may(trouble: str, arrives: list[str]) -> None:
    with whatsapp() as place:
        place.trouble(trouble)
        place.send("m-1", "919812345678")
        place.send("m-2", "919812345679")
        assert until(lambda: len(reports(place)) == len(arrives) + 3)
        of_first = [each.error or str(each.attested) for each in reports(place) if each.reference == "m-1"]
        assert of_first == arrives
        assert (place.door.forged, place.door.unreadable) == (trouble == "webhook_forged", trouble == "webhook_corrupt")
        assert SendState.UNDELIVERED not in {each.attested for each in reports(place)}


def test_many_changes_come_in_one_batch_and_say_the_same() -> None:
    with whatsapp(most=50) as place:
        for number in range(30):
            place.send(f"m-{number}", f"9198123456{12 + number}")
        taken = place.kept
        assert until(lambda: len({each.reference for each in reports(place)}) == len(taken))
        assert until(lambda: not place.sandbox.webhooks.waiting)
        assert len(place.door.told) > place.door.posts
        assert {each.reference for each in reports(place)} == set(taken)


def test_nothing_is_lost_while_our_door_is_closed() -> None:
    with whatsapp(closed=3) as place:
        place.send("m-1")
        assert until(lambda: len(reports(place)) == 3)
        assert attested(place) == ["sent", "delivered", "read"]


def test_no_webhook_comes_before_the_handshake() -> None:
    with whatsapp(verify="a-token-of-somebody-else") as place:
        place.send("m-1")
        assert until(lambda: place.door.turned_away >= 3)
        assert (place.door.posts, place.sandbox.webhooks.greeted) == (0, False)


def test_media_goes_within_a_session_by_link_or_by_an_id_that_the_platform_has() -> None:
    with whatsapp(hook=False, media={"1003383421387256"}) as place:
        place.post("/_sandbox/say", {"from": TO, "text": "my receipt please"})
        paper = Media("document", number="1003383421387256", file_name="receipt.pdf")
        assert isinstance(place.send("m-1", text="Your receipt", media=paper), Taken)
        assert isinstance(place.send("m-2", media=Media("image", link="https://papers.kaveri.example/1.png")), Taken)
        assert "131009" in fault(place, reference="m-3", media=Media("image", number="99999999")).words


@pytest.mark.parametrize("seed", range(3))
def test_however_badly_webhooks_come_nothing_is_said_that_did_not_happen(seed: int) -> None:
    """Every message meets a trouble; what the reports fold to is what happened, or nothing where all of them were lost."""
    with whatsapp(most=7) as place:
        place.sandbox.webhooks.faults = WebhookFaults(seed, percent=100)
        for number in range(60):
            place.clock.forward(seconds=1)
            place.send(f"m-{number}", f"9198123456{11 + number}")
        taken = place.get("/_sandbox/taken")["kept"]
        assert until(lambda: not place.get("/_sandbox/taken")["waiting"])
        best: dict[str, SendState] = {}
        for report in reports(place):
            known = best.get(report.reference, SendState.SENT)
            best[report.reference] = max(known, report.attested, key=EVIDENCE.index)
        happened = {each["reference"]: SendState.SENT if each["to"].endswith("1") else SendState.DELIVERED for each in taken}
        assert best == {reference: state for reference, state in happened.items() if reference in best}
        assert len(best) > len(taken) // 2
        assert place.door.forged
        assert place.door.unreadable
