"""The parts of an SMS: limits before, at and after, and what holds for every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.outreach.sms.parts import Encoding, parts

TEXTS = st.text(max_size=1200)
GSM = st.text(alphabet="abcXYZ @£Δ€{}[]~^|\\\n019", max_size=1200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (Encoding.GSM7, 0, 1)),
        ("a" * 159, (Encoding.GSM7, 159, 1)),
        ("a" * 160, (Encoding.GSM7, 160, 1)),
        ("a" * 161, (Encoding.GSM7, 161, 2)),
        ("a" * 306, (Encoding.GSM7, 306, 2)),
        ("a" * 307, (Encoding.GSM7, 307, 3)),
        ("€" * 80, (Encoding.GSM7, 160, 1)),
        ("€" * 81, (Encoding.GSM7, 162, 2)),
        ("€" * 76 + "a" + "€" * 76, (Encoding.GSM7, 305, 2)),
        ("€" * 153, (Encoding.GSM7, 306, 3)),
        ("क" * 70, (Encoding.UCS2, 70, 1)),
        ("क" * 71, (Encoding.UCS2, 71, 2)),
        ("क" * 134, (Encoding.UCS2, 134, 2)),
        ("क" * 135, (Encoding.UCS2, 135, 3)),
        ("😀" * 35, (Encoding.UCS2, 70, 1)),
        ("😀" * 66, (Encoding.UCS2, 132, 2)),
        ("😀" * 67, (Encoding.UCS2, 134, 3)),
        ("₹5", (Encoding.UCS2, 2, 1)),
        ("a" * 160 + "`", (Encoding.UCS2, 161, 3)),
    ],
)
def test_a_text_is_cut_at_the_limits_of_its_alphabet(text: str, expected: tuple[Encoding, int, int]) -> None:
    """Before, at and after each limit; an escaped sign and a pair of units are never cut in two; one sign outside changes all of it."""
    assert parts(text) == expected


@given(TEXTS)
def test_the_parts_of_any_text_hold_all_of_it_and_no_more_than_needed(text: str) -> None:
    """Enough room for every unit, and less than one unit of a sign wasted a part."""
    encoding, units, count = parts(text)
    alone, each = (160, 153) if encoding is Encoding.GSM7 else (70, 67)
    assert count >= 1
    if units <= alone:
        assert count == 1
    else:
        assert count * each >= units > (count - 1) * (each - 1)


@given(TEXTS)
def test_units_are_those_that_the_encoding_needs(text: str) -> None:
    """In UCS-2 as many as UTF-16 has; in GSM-7 between one and two a sign."""
    encoding, units, _ = parts(text)
    if encoding is Encoding.UCS2:
        assert units == len(text.encode("utf-16-be", "surrogatepass")) // 2
    else:
        assert len(text) <= units <= 2 * len(text)


@given(GSM, GSM)
def test_more_text_never_needs_fewer_parts(first: str, more: str) -> None:
    """Adding to a text in the same alphabet adds to its units and never takes a part away."""
    _, units, count = parts(first)
    _, longer, after = parts(first + more)
    assert longer == units + parts(more)[1]
    assert after >= count


@given(TEXTS, st.sampled_from("नதਅ₹`😀"))
def test_one_sign_outside_the_alphabet_makes_the_whole_text_ucs_2(text: str, sign: str) -> None:
    """Wherever it stands."""
    assert parts(text + sign)[0] is Encoding.UCS2
    assert parts(sign + text)[1] == parts(text + sign)[1]
