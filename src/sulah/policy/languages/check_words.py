"""The words of the pages that borrowers open, in each language: the check of an officer's code, the way to a payment page."""

from collections.abc import Mapping
from functools import cache

from sulah.policy.languages import LANGUAGES, rows

NAMES = (
    "title",
    "ask",
    "button",
    "again",
    "genuine",
    "works_for",
    "lender",
    "certificate",
    "none",
    "until",
    "compare",
    "never",
    "bad",
    "do_not",
    "slow",
    "photo",
    "complaint",
    "pay_title",
    "pay_leads",
    "pay_go",
    "pay_over",
)
"""The words that every language must have."""


@cache
def check_words(language: str) -> Mapping[str, str]:
    """The words of a language by their names; ValueError where one is missing, which is a fault of the package.

    >>> check_words("en")["button"], check_words("hi")["button"]
    ('Check', 'जाँचें')
    """
    (given,) = rows(language, "check")
    if missing := [name for name in NAMES if not str(given.get(name, "")).strip()]:
        raise ValueError(f"{language}/check.toml has no {missing[0]}")
    return {name: str(words) for name, words in given.items()}


def page_language(asked: str, accepted: str, second: str) -> str:
    """The language of a page: the one asked for, else the first of the reader's browser that there is, else the lender's second one.

    >>> page_language("", "or-IN,or;q=0.9,en;q=0.5", "hi"), page_language("xx", "fr", "hi"), page_language("ta", "en", "hi")
    ('or', 'hi', 'ta')
    """
    browser = (part.partition(";")[0].strip().partition("-")[0].lower() for part in accepted.split(","))
    return next((code for code in (asked, *browser, second) if code in LANGUAGES), LANGUAGES[0])
