"""The languages that borrowers are written to in: one folder each, with its own sheets of rows; adding a language is adding a folder.

`language.toml` says what the language is and who has read its sheets, `text.toml` what is written to borrowers, `lint.toml` and
`intent.toml` the words of the linter and of the reader of answers.  reviewed_by = "" means that no native reader has looked at it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_SHIPPED = Path(__file__).parent
_ORDER = ["en", "hi", "ta", "te", "kn", "mr", "bn", "or"]
_FOLDERS = sorted(path.parent.name for path in _SHIPPED.glob("*/language.toml"))

LANGUAGES = tuple(sorted(_FOLDERS, key=lambda code: _ORDER.index(code) if code in _ORDER else len(_ORDER)))
"""Codes of the languages (ISO 639-1), one a folder, in the order in which pages show them; one added later stands at the end."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language as it is shipped.

    name: in English.  own_name: as its readers write it.  script: ISO 15924.  direction: ltr or rtl.  meta_code: what WhatsApp calls it.
    reviewed_by, reviewed_on: the native reader who went over its sheets as they are shipped, and the date; empty when nobody has.
    """

    code: str
    name: str
    own_name: str
    script: str
    direction: str
    meta_code: str
    author: str
    reviewed_by: str = ""
    reviewed_on: str = ""
    note: str = ""


def rows(code: str, file: str) -> list[dict[str, Any]]:
    """The rows of one sheet of a language as they are written; empty where the language has no such sheet; KeyError for no language.

    >>> rows("hi", "language")[0]["own_name"]
    'हिन्दी'
    """
    if code not in LANGUAGES:
        raise KeyError(f"there is no language {code!r}; the languages are {', '.join(LANGUAGES)}")
    sheet = _SHIPPED / code / f"{file}.toml"
    if not sheet.is_file():
        return []
    found = tomllib.loads(sheet.read_text("utf-8")).get("row", [])
    return list(found)


@cache
def load_languages() -> Mapping[str, Language]:
    """Every language by its code, in the order of LANGUAGES.

    >>> [language.name for language in load_languages().values()][:3]
    ['English', 'Hindi', 'Tamil']
    """
    return MappingProxyType({code: Language(**rows(code, "language")[0]) for code in LANGUAGES})
