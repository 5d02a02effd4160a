"""Amounts as people write them: every spelling of an amount reads back, and what is no amount is none."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.kernel.money import indian
from sulah.outreach.intent_lexicon import lexicon
from sulah.outreach.intents import SpanKind, read_intent
from sulah.policy.intent_rows import load_intent_rows
from tests.outreach.intent_corpus import LANGUAGES, shipped

SAID = date(2026, 11, 23)
RUPEES = st.one_of(st.integers(1, 10_000_000), st.integers(1, 1000), st.integers(1, 10_000).map(lambda rupees: rupees * 1000))
OFFER = {
    "en": "i will pay {} on friday", "hi": "{} शुक्रवार को दे दूंगा", "ta": "{} வெள்ளிக்கிழமை கட்டுறேன்", "te": "{} శుక్రవారం కడతాను",
    "kn": "{} ಶುಕ್ರವಾರ ಕಟ್ಟುತ್ತೇನೆ", "mr": "{} शुक्रवारी भरतो", "bn": "{} শুক্রবার দেব", "or": "{} ଶୁକ୍ରବାର ଦେବି",
}  # fmt: skip
RUPEE = {"en": "rupees", "hi": "रुपये", "ta": "ரூபாய்", "te": "రూపాయలు", "kn": "ರೂಪಾಯಿ", "mr": "रुपये", "bn": "টাকা", "or": "ଟଙ୍କା"}
ZERO = {"en": "0", "hi": "०", "ta": "௦", "te": "౦", "kn": "೦", "mr": "०", "bn": "০", "or": "୦"}
UNITS = {
    "hi": ("सौ", "हज़ार", "लाख", "करोड़"), "mr": ("शे", "हजार", "लाख", "कोटी"), "bn": ("শো", "হাজার", "লাখ", "কোটি"),
    "or": ("ଶହ", "ହଜାର", "ଲକ୍ଷ", "କୋଟି"), "ta": ("நூறு", "ஆயிரம்", "லட்சம்", "கோடி"), "te": ("వందల", "వేల", "లక్షల", "కోట్ల"),
    "kn": ("ನೂರ", "ಸಾವಿರದ", "ಲಕ್ಷದ", "ಕೋಟಿಯ"), "latin": ("sau", "hazaar", "lakh", "karod"), "en": ("hundred", "thousand", "lakh", "crore"),
}  # fmt: skip
HINDI = (
    "एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पन्द्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस पच्चीस "
    "छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस "
    "चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ "
    "बासठ तिरेसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी "
    "अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानबे बानबे तिरानबे चौरानबे पंचानबे छियानबे "
    "सत्तानबे अट्ठानबे निन्यानबे"
)
LATIN = (
    "ek do teen chaar paanch chhah saat aath nau das gyarah barah terah chaudah pandrah solah satrah atharah unnis bees ikkis bais teis "
    "chaubis pachchis chhabbis sattais atthais untis tees ikattis battis taintis chauntis paintis chhattis saintis adtis untalis chalis "
    "iktalis bayalis taintalis chauvalis paintalis chhiyalis saintalis adtalis unchas pachas ikyavan bavan tirepan chauvan pachpan "
    "chhappan sattavan atthavan unsath saath iksath basath tirsath chaunsath painsath chhiyasath sadsath adsath unhattar sattar ikhattar "
    "bahattar tihattar chauhattar pachhattar chhihattar satahattar athhattar unasi assi ikyasi bayasi tirasi chaurasi pachasi chhiyasi "
    "sattasi atthasi navasi nabbe ikyanve banve tiranve chauranve pachanve chhiyanve sattanve atthanve ninyanve"
)
ENGLISH_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def _english(number: int) -> str:
    if number < 20:
        return ENGLISH_ONES.split()[number - 1]
    tens = ENGLISH_TENS.split()[number // 10 - 2]
    return f"{tens} {ENGLISH_ONES.split()[number % 10 - 1]}" if number % 10 else tens


def _below_hundred(number: int, language: str) -> str:
    """A number of one or two digits: in words where this test spells the language, else in digits."""
    if language in {"hi", "latin"}:
        return (HINDI if language == "hi" else LATIN).split()[number - 1]
    return _english(number) if language == "en" else str(number)


def spelt(rupees: int, language: str) -> str:
    """An amount in words, crore to one, as the language groups them."""
    hundred, thousand, lakh, crore = UNITS[language]
    parts = []
    for value, unit in (
        (rupees // 10_000_000, crore),
        (rupees // 100_000 % 100, lakh),
        (rupees // 1000 % 100, thousand),
        (rupees // 100 % 10, hundred),
    ):
        if value:
            parts.append(f"{_below_hundred(value, language)} {unit}")
    if rupees % 100:
        parts.append(_below_hundred(rupees % 100, language))
    return " ".join(parts)


def amount(text: str, language: str) -> int | None:
    """Paise that are read."""
    return read_intent(text, language, SAID, shipped()).amount_paise


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=150, deadline=None)
@given(rupees=RUPEES)
def test_an_amount_in_words_reads_back(language: str, rupees: int) -> None:
    assert amount(OFFER[language].format(f"{spelt(rupees, language)} {RUPEE[language]}"), language) == rupees * 100


@settings(max_examples=300, deadline=None)
@given(rupees=RUPEES)
def test_an_amount_in_hindi_words_in_latin_letters_reads_back(rupees: int) -> None:
    assert amount(f"shukravar ko {spelt(rupees, 'latin')} rupaye de dunga", "hi") == rupees * 100


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=100, deadline=None)
@given(rupees=RUPEES, form=st.sampled_from(["Rs.{}/-", "₹{}", "Rs {}", "{} rs"]), grouped=st.booleans())
def test_an_amount_in_digits_of_any_script_reads_back(language: str, rupees: int, form: str, grouped: bool) -> None:
    written = indian(rupees * 100).removeprefix("₹") if grouped else str(rupees)
    own = written.translate({ord("0") + digit: chr(ord(ZERO[language]) + digit) for digit in range(10)})
    assert amount(OFFER[language].format(form.format(own)), language) == rupees * 100


@settings(max_examples=100, deadline=None)
@given(paise=st.integers(100, 100_000_000))
def test_rupees_with_paise_read_back(paise: int) -> None:
    assert amount(f"i will pay {indian(paise, decimals=True)} tomorrow", "en") == paise


@pytest.mark.parametrize(
    ("text", "rupees"),
    [
        ("kal dhai hazar dunga", 2500),
        ("kal dedh lakh dunga", 150_000),
        ("kal sava lakh dunga", 125_000),
        ("kal sava do sau dunga", 225),
        ("kal paune do sau dunga", 175),
        ("kal sadhe teen hazaar dunga", 3500),
        ("kal do hazaar paanch sau dunga", 2500),
        ("kal do hazaar dunga", 2000),
        ("kal 2k dunga", 2000),
        ("kal 1.5 lakh dunga", 150_000),
        ("kal 5 sau dunga", 500),
        ("kal 2 hazar 500 dunga", 2500),
        ("कल ढाई हज़ार दूंगा", 2500),
        ("do hazaar 5 tareekh ko dunga", 2000),
        ("1500 me se 700 dunga kal", 700),
    ],
)
def test_an_amount_is_read_as_people_in_india_say_it(text: str, rupees: int) -> None:
    assert amount(text, "hi") == rupees * 100


@pytest.mark.parametrize(
    "text",
    [
        "i will pay tomorrow, call 9845012345",
        "i will pay tomorrow, call +91 98450 12345",
        "i will pay on 5-12-26",
        "i will pay on 5th",
        "i will pay for loan LN00482913 tomorrow",
        "i will pay tomorrow loan no 45678",
        "i paid, utr 632711904518",
        "payment done HDFCN52026112298765",
        "i paid it in 2024",
        "will pay in 2 days",
        "will pay 3 emi tomorrow",
        "will pay tomorrow at 5 pm",
    ],
)
def test_what_is_no_amount_is_not_read_as_one(text: str) -> None:
    read = read_intent(text, "en", SAID, shipped())
    assert read.amount_paise is None
    assert all(span.kind is not SpanKind.AMOUNT for span in read.spans)


@pytest.mark.parametrize("bare", [9, 10])
def test_a_bare_number_is_an_amount_from_ten_rupees(bare: int) -> None:
    assert amount(f"i will pay {bare} tomorrow", "en") == (bare * 100 if bare >= 10 else None)


@pytest.mark.parametrize(
    ("kind", "text", "with_rows", "without"),
    [
        ("beside_number", "5000 me se 500", 500_00, 5_000_00),
        ("beside_number", "in 2024 500", 500_00, 2_024_00),
        ("beside_number", "do lakh and 500", 200_500_00, 200_000_00),
        ("reference", "utr no 12345678 500", 500_00, None),
    ],
)
def test_the_words_around_numbers_are_rows(kind: str, text: str, with_rows: int, without: int | None) -> None:
    """Taken out of the rows, nothing in the code knows them."""
    bare = lexicon(row for row in load_intent_rows(SAID) if row.kind != kind)
    found = [read_intent(f"{text} pay karunga", "hi", SAID, words).amount_paise for words in (shipped(), bare)]
    assert found == [with_rows, without]
