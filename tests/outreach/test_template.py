"""Registered templates: the text is theirs to the letter, the values are of their kinds, and nothing else is sent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.outreach.template import LONGEST_VALUE, VARIABLE, Template, TemplateError, Value, Variable, VariableKind


def template(text: str, *kinds: VariableKind, hosts: tuple[str, ...] = ()) -> Template:
    """A template with a variable of each kind, called v0, v1 ..."""
    variables = tuple(Variable(f"v{place}", kind) for place, kind in enumerate(kinds))
    return Template("t", "en", text, variables, ("receipt",), "KAVERI", "1" * 19, {}, hosts)


ONE = "to {#var#}."


@given(st.lists(st.text(st.characters(exclude_characters="{#}"), max_size=20), min_size=1, max_size=6), st.integers(0, 10**12))
def test_the_body_is_the_registered_text_with_the_values_in_their_places(parts: list[str], paise: int) -> None:
    kinds = [VariableKind.AMOUNT] * (len(parts) - 1)
    made = template(VARIABLE.join(parts), *kinds)
    values = made.values({f"v{place}": paise for place in range(len(kinds))})
    body = made.body(values)
    assert body == "".join(part + value for part, value in zip(parts, (*values, ""), strict=True))
    assert len(body) == sum(map(len, parts)) + sum(map(len, values))


@pytest.mark.parametrize(
    ("kind", "given_value", "shown"),
    [
        (VariableKind.AMOUNT, 12_34_567_00, "12,34,567"),
        (VariableKind.AMOUNT, 1, "0.01"),
        (VariableKind.AMOUNT, 0, "0"),
        (VariableKind.COUNT, 3, "3"),
        (VariableKind.DATE, date(2026, 3, 31), "31 Mar 2026"),
        (VariableKind.REFERENCE, "LN/10-1_a.b", "LN/10-1_a.b"),
        (VariableKind.PHONE, "+911600123456", "+911600123456"),
        (VariableKind.NAME, "Lakshmi D. O'Brien", "Lakshmi D. O'Brien"),
        (VariableKind.NAME, "लक्ष्मी देवी", "लक्ष्मी देवी"),
    ],
)
def test_a_value_of_its_kind_is_shown_as_people_read_it(kind: VariableKind, given_value: Value, shown: str) -> None:
    assert template(ONE, kind).values({"v0": given_value}) == (shown,)


@pytest.mark.parametrize(
    ("kind", "given_value"),
    [
        (VariableKind.AMOUNT, -1),
        (VariableKind.AMOUNT, "12"),
        (VariableKind.AMOUNT, True),
        (VariableKind.COUNT, -1),
        (VariableKind.DATE, "2026-03-31"),
        (VariableKind.REFERENCE, "pay or we tell your neighbours"),
        (VariableKind.REFERENCE, "{#var#}"),
        (VariableKind.PHONE, "call me"),
        (VariableKind.URL, "http://pay.example/x"),
        (VariableKind.NAME, "Pay now! http://x"),
        (VariableKind.NAME, "1234"),
        (VariableKind.NAME, ""),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: VariableKind, given_value: Value) -> None:
    with pytest.raises(TemplateError, match="must be of the kind"):
        template(ONE, kind).values({"v0": given_value})


def test_a_value_may_have_thirty_characters_and_not_one_more() -> None:
    made = template(ONE, VariableKind.REFERENCE)
    assert made.values({"v0": "A" * LONGEST_VALUE})
    with pytest.raises(TemplateError, match="30 characters; it has 31"):
        made.values({"v0": "A" * (LONGEST_VALUE + 1)})


def test_an_address_leads_only_to_a_host_that_is_registered() -> None:
    made = template(ONE, VariableKind.URL, hosts=("pay.kaveri.example",))
    assert made.values({"v0": "https://pay.kaveri.example/r/abc"})
    for elsewhere in ("https://evil.example/pay.kaveri.example", "https://pay.kaveri.example.evil.example/"):
        with pytest.raises(TemplateError, match="not registered"):
            made.values({"v0": elsewhere})


@pytest.mark.parametrize("given_values", [{}, {"v0": 1, "v1": 2}, {"other": 1}])
def test_a_missing_or_unknown_variable_is_refused(given_values: dict[str, Value]) -> None:
    with pytest.raises(TemplateError, match="missing or unknown"):
        template(ONE, VariableKind.AMOUNT).values(given_values)
