"""Capitals and small letters on Spark as DuckDB has them: one letter for one letter.

DuckDB uses Unicode's simple mapping. Spark uses the full one: a sharp s becomes two letters, a last sigma another letter than
one inside, a capital I with a dot becomes two. Letters newer than Unicode 15 differ still; the test lists them.
"""

from sqlglot import exp

_SPARE = 0xF0000
"""The first of the letters for private use that stand in for those without a plain capital while Spark makes capitals."""


def _simple_capital(letter: str) -> str:
    """The one capital of a letter whose full capital is several; the letter itself where there is none.

    >>> [_simple_capital(letter) for letter in "ᾀŉﬁ"], _simple_capital(chr(0xDF)) == chr(0x1E9E)
    (['ᾈ', 'ŉ', 'ﬁ'], True)
    """
    if letter == chr(0xDF):
        return chr(0x1E9E)
    return letter.title() if len(letter.title()) == 1 else letter


SPECIAL = "".join(chr(code) for code in range(0x80, 0x10000) if not 0xD800 <= code <= 0xDFFF and len(chr(code).upper()) > 1)
"""Every letter whose full capital is more than one letter."""

_STAND_IN = "".join(chr(_SPARE + place) for place in range(len(SPECIAL)))
_CAPITAL = "".join(_simple_capital(letter) for letter in SPECIAL)


def _swapped(text: exp.Expr, letters: str, others: str) -> exp.Expr:
    return exp.Anonymous(this="TRANSLATE", expressions=[text, exp.Literal.string(letters), exp.Literal.string(others)])


def lower(node: exp.Expr) -> exp.Expr:
    """lower(text): a sigma is a sigma wherever it stands, a capital I with a dot loses it."""
    return exp.Anonymous(this="LOWER", expressions=[_swapped(node.this.copy(), "İΣ", "iσ")])


def upper(node: exp.Expr) -> exp.Expr:
    """upper(text): letters without a plain capital step aside while the others change."""
    changed = exp.Anonymous(this="UPPER", expressions=[_swapped(node.this.copy(), SPECIAL, _STAND_IN)])
    return _swapped(changed, _STAND_IN, _CAPITAL)
