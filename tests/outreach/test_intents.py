"""What an answer means: precedence, buttons, stop in every language, spelling, and the same answer for the same text."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.outreach.folding import fold, words
from sulah.outreach.intents import PRECEDENCE, About, Confidence, Intent, Read, read_intent
from sulah.outreach.phrases import PhraseError, phrase
from tests.outreach.intent_corpus import LANGUAGES, shipped

SAID = date(2026, 11, 23)


def read(text: str, language: str = "hi", choice: str = "") -> Read:
    """A message read on a Monday in November."""
    return read_intent(text, language, SAID, shipped(), choice)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", ["STOP", "stop", "Stop.", "S T O P", "s.t.o.p", "STOPPPP", "ＳＴＯＰ", "बंद करो", "বন্ধ করুন", "ఆపండి"])
def test_stop_as_a_whole_message_is_sure_in_every_language(language: str, word: str) -> None:
    found = read(word, language)
    assert (found.intent, found.confidence) == (Intent.STOP, Confidence.SURE)


def test_the_most_protective_intent_comes_first_and_the_others_stand_beside_it() -> None:
    found = read("Stop it i already paid", "en")
    assert found.intent is Intent.STOP
    assert Intent.PAID in found.also
    assert PRECEDENCE[:4] == (Intent.SELF_HARM, Intent.DEATH, Intent.STOP, Intent.WRONG_NUMBER)


@pytest.mark.parametrize(
    ("first", "then"),
    [("zeher kha lunga", "maine bhar diya hai"), ("message band karo", "paise nahi hai"), ("galat number hai", "phone karo")],
)
def test_two_intents_in_either_order_read_the_same(first: str, then: str) -> None:
    one, other = read(f"{first}. {then}"), read(f"{then}. {first}")
    assert one.intent is other.intent
    assert set(one.also) == set(other.also)


@pytest.mark.parametrize("intent", list(Intent))
def test_a_button_decides_alone(intent: Intent) -> None:
    found = read("stop", choice=intent.value)
    assert (found.intent, found.confidence, found.also) == (intent, Confidence.SURE, ())


@pytest.mark.parametrize("payload", ["buy_now", "promise:soon", "language:tamil", "paid:yes"])
def test_a_payload_that_is_not_ours_is_unsure(payload: str) -> None:
    assert read("", choice=payload).confidence is Confidence.UNSURE


def test_a_button_carries_its_day_and_its_language() -> None:
    assert read("", choice="promise:2026-12-05").due_on == date(2026, 12, 5)
    assert read("", choice="language:ta").wanted_language == "ta"


def test_what_nobody_can_read_is_other_and_unsure() -> None:
    found = read("qwzxv plmk")
    assert (found.intent, found.confidence, found.rule) == (Intent.OTHER, Confidence.UNSURE, "")


def test_a_day_and_a_sum_without_a_verb_is_a_promise_that_is_not_sure() -> None:
    found = read("5 tareekh ko 500")
    assert (found.intent, found.amount_paise, found.due_on) == (Intent.PROMISE, 500_00, date(2026, 12, 5))
    assert found.confidence is not Confidence.SURE


@pytest.mark.parametrize(
    ("text", "language", "about"),
    [
        ("my husband died so i cannot pay this month", "en", About.FAMILY),
        ("Ravi passed away last week", "en", About.BORROWER),
        ("My father who took this loan has died", "en", About.BORROWER),
        ("papa nahi rahe loan unke naam tha", "hi", About.BORROWER),
        ("mere pati guzar gaye", "hi", About.FAMILY),
    ],
)
def test_whose_death_it_was_is_told(text: str, language: str, about: About) -> None:
    found = read(text, language)
    assert (found.intent, found.about) == (Intent.DEATH, about)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("this heat is killing me", "en"),
        ("my phone died, charging now", "en"),
        ("mar gaya main kaam karte karte", "hi"),
        ("गर्मी ने मार डाला आज", "hi"),
    ],
)
def test_a_figure_of_speech_is_no_alarm(text: str, language: str) -> None:
    assert not {Intent.SELF_HARM, Intent.DEATH} & {read(text, language).intent, *read(text, language).also}


@pytest.mark.parametrize("text", ["I have not paid", "abhi nahi bhara hai", "maine abhi nahi bhara", "I will not pay"])
def test_a_negation_is_no_payment_and_no_promise(text: str) -> None:
    assert not {Intent.PAID, Intent.PROMISE} & {read(text).intent, *read(text).also}


@pytest.mark.parametrize(
    ("text", "utr"),
    [
        ("paid utr 632711904518", "632711904518"),
        ("paid ref no HDFCN52026112298765", "HDFCN52026112298765"),
        ("paid 4321 0987 6543 is the utr", ""),
        ("paid, utr: 4321 0987 6543", "432109876543"),
        ("paid call 919876543210", ""),
        ("paid, call 9876543210", ""),
    ],
)
def test_the_reference_of_a_payment_is_read_and_a_telephone_number_is_none(text: str, utr: str) -> None:
    assert read(text, "en").utr == utr


@pytest.mark.parametrize(
    "same",
    [
        ["kal", "kl", "kall", "kaal"], ["dunga", "doonga", "duga"], ["nahi", "nhi", "nahii", "nahin"], ["paisa", "pesa"],
        ["karunga", "krunga"],
        ["jeena", "jina"], ["phir", "fir"], ["achha", "accha", "acha"], ["नहीं", "नही"], ["हिन्दी", "हिंदी"], ["गयी", "गई"], ["पाँच", "पांच"],
        ["दीजिये", "दिजिए"], ["ज़हर", "जहर"], ["ಸಾಲೀ", "ಸಾಲಿ"], ["বাড়ী", "বাড়ি"],
    ],
)  # fmt: skip
def test_wild_spellings_of_one_word_fold_to_one(same: list[str]) -> None:
    assert len({fold(word) for word in same}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("kal", "kaun"), ("din", "di"), ("mat", "maut"), ("kya", "kiya"), ("सात", "साठ"), ("मर", "मार")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("text", ["", "x? pay", "pay ..", "a* pay", "<unheard> pay", "~stop"])
def test_a_phrase_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PhraseError):
        phrase(text, {}, folded=False)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300), language=st.sampled_from(LANGUAGES))
def test_any_text_reads_the_same_twice_and_its_places_lie_inside_it(text: str, language: str) -> None:
    found = read(text, language)
    assert found == read(text, language)
    assert all(0 <= span.start < span.end <= len(text) for span in found.spans)


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("will pay 500 tomorrow", Confidence.SURE),
        ("will pay next Friday", Confidence.LIKELY),
        ("will pay on 23rd", Confidence.LIKELY),
        ("will pay 500 or 600 tomorrow", Confidence.LIKELY),
        ("will pay on 20/11/2026", Confidence.UNSURE),
        ("will pay on 23/02/2027", Confidence.UNSURE),
    ],
)
def test_a_doubtful_day_or_sum_is_never_sure(text: str, confidence: Confidence) -> None:
    assert read(text, "en").confidence is confidence


def test_a_reading_is_told_in_plain_values() -> None:
    told = read("kal 500 dunga").told()
    assert (told["intent"], told["due_on"], told["amount_paise"]) == ("promise", "2026-11-24", 500_00)


def test_words_keep_their_places_in_the_message() -> None:
    text = "Kal ₹१,५०० दूंगा."
    assert [text[word.start : word.end] for word in words(text)] == ["Kal", "₹", "१,५००", "दूंगा", "."]


def test_a_long_message_is_read_to_its_limit_only() -> None:
    assert read("pay " * 50_000 + " stop", "en") == read("pay " * 600, "en")
