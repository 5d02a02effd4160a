"""[texts] of lender.toml: whole, or refused in words."""

import pytest

from sulah.outreach.house import HouseError, text_settings

WHOLE: dict[str, object] = {
    "grievance": "18001230000",
    "reply": "9215512345",
    "caller": "16001234567",
    "check": "https://kaveri.example/officer",
    "second_language": "hi",
    "hosts": ["pay.kaveri.example"],
}


def test_a_whole_section_is_read_with_the_lenders_own_name() -> None:
    """Unless borrowers know it by another one."""
    read = text_settings({"texts": WHOLE}, "Kaveri Finance Ltd")
    assert (read.house.lender, read.house.grievance, read.second_language, read.hosts) == (
        "Kaveri Finance Ltd",
        "18001230000",
        "hi",
        ("pay.kaveri.example",),
    )
    assert text_settings({"texts": {**WHOLE, "lender": "Kaveri"}}, "Kaveri Finance Ltd").house.lender == "Kaveri"


@pytest.mark.parametrize("name", ["grievance", "reply", "caller", "check"])
def test_half_a_section_refuses_and_names_the_line(name: str) -> None:
    """Missing and wrong alike."""
    without = {key: value for key, value in WHOLE.items() if key != name}
    for given in (without, {**WHOLE, name: "ask in the branch"}, {**WHOLE, name: 5 if name == "check" else True}):
        with pytest.raises(HouseError, match=f"{name} of \\[texts\\]"):
            text_settings({"texts": given}, "Kaveri")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"second_language": "xx"}, "second_language"),
        ({"hosts": "pay.kaveri.example"}, "hosts of"),
        ({"hosts": ["https://pay.kaveri.example"]}, "hosts of"),
        ({"lender": "<lender>"}, "lender of"),
        ({"lender": "  "}, "lender of"),
        ({"grievence": "1800"}, "has no grievence"),
        ({"check": "http://kaveri.example/officer"}, "check of"),
        ({"charges": "fees"}, "charges of"),
        ({"leave_out": ["penal"]}, "leave_out of"),
        ({"leave_out": "officer"}, "leave_out of"),
        ({"short": "https://elsewhere.example"}, "short of"),
        ({"short": "http://pay.kaveri.example"}, "short of"),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, object], words: str) -> None:
    """Each line on its own."""
    with pytest.raises(HouseError, match=words):
        text_settings({"texts": {**WHOLE, **given}}, "Kaveri")


def test_what_sentences_need_is_read_and_nothing_is_taken_for_granted() -> None:
    """Unsaid, charges are neither; the penal charge can never be left out."""
    plain = text_settings({"texts": WHOLE}, "Kaveri")
    assert (plain.charges, plain.leave_out, plain.short) == ("", (), "")
    given = {**WHOLE, "charges": "penal", "leave_out": ["officer", "link"], "short": "https://pay.kaveri.example"}
    read = text_settings({"texts": given}, "Kaveri")
    assert (read.charges, read.leave_out, read.short) == ("penal", ("officer", "link"), "https://pay.kaveri.example")


def test_a_lender_without_the_section_is_told_where_to_read() -> None:
    """The document names its lines."""
    with pytest.raises(HouseError, match=r"docs/policy/texts\.md"):
        text_settings({}, "Kaveri")
