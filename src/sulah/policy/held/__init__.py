"""The headings of what is held about a person, by language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def held_words(language: str) -> Mapping[str, str] | None:
    """The headings in a language by their names; None where there are none.  ValueError where one is missing, a fault of the package.

    >>> held_words("en")["title"], held_words("xx")
    ('What we hold about you', None)
    """
    path = files("sulah.policy.held").joinpath(f"{language}.toml")
    if not path.is_file():
        return None
    given: Mapping[str, str] = tomllib.loads(path.read_text("utf-8"))["words"]
    if language != "en" and set(given) != set(held_words("en") or ()):
        raise ValueError(f"{language}.toml of what is held lacks a heading, or has one too many")
    return given
