"""The parts of every chart: elements with everything escaped, the picture with its title and words, scales, labels that do not overlap."""

from collections.abc import Callable, Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString

WIDTH = 360
"""Units across; a phone shows about 328 pixels, a desk up to 480, so a text of 12 units is 11 to 16 pixels."""

Say = Callable[[int], str]
"""How a chart writes a value: percent of basis points, short rupees, a count."""


def number(value: float) -> str:
    """A coordinate with at most one decimal, so that the same figures draw the same bytes.

    >>> number(12.0), number(3.14159)
    ('12', '3.1')
    """
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def element(name: str, content: str = "", **attributes: float | str) -> str:
    """One element; content is ready markup, attribute values are escaped, `class_name` and other underscores become SVG's names.

    >>> element("rect", class_name="b1", x=2, width=4.5)
    '<rect class="b1" x="2" width="4.5"/>'
    """
    written = "".join(f' {_attribute(key)}="{_value(value)}"' for key, value in attributes.items() if value != "")
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _attribute(key: str) -> str:
    return {"class_name": "class", "viewBox": "viewBox"}.get(key, key.replace("_", "-"))


def _value(value: float | str) -> str:
    return escape(value) if isinstance(value, str) else number(value)


def label(words: str, x: float, y: float, *, anchor: str = "start", class_name: str = "chart-text") -> str:
    """A text in the chart; words are escaped."""
    return element("text", str(escape(words)), class_name=class_name, x=x, y=y, text_anchor=anchor)


def hover(words: str) -> str:
    """A title that a browser shows when a pointer rests on the shape; readers of the page find the same in the table behind."""
    return element("title", str(escape(words)))


def picture(ident: str, title: str, words: str, height: float, parts: Iterable[str], *, width: float = WIDTH) -> SafeString:
    """The whole chart: one image with a name and a description; ident must be unique in the page and a plain word."""
    named = element("title", str(escape(title)), id=f"{ident}-title")
    described = element("desc", str(escape(words)), id=f"{ident}-words")
    inside = "".join((named, described, *parts))
    return SafeString(
        element(
            "svg",
            inside,
            class_name="figure-svg",
            viewBox=f"0 0 {number(width)} {number(height)}",
            role="img",
            aria_labelledby=f"{ident}-title {ident}-words",
            focusable="false",
        )
    )


def nice_step(most: int, parts: int = 3) -> int:
    """The step of an axis: 1, 2 or 5 times a power of ten, so that at most `parts` + 1 steps reach the most.

    >>> nice_step(7), nice_step(930), nice_step(0)
    (5, 500, 1)
    """
    wanted = max(1, -(-most // parts))
    power = 1
    while power * 10 <= wanted:
        power *= 10
    return next(power * times for times in (1, 2, 5, 10) if power * times >= wanted)


def ticks(most: int, parts: int = 3) -> list[int]:
    """The values that an axis names, from nought to the first that is not below the most.

    >>> ticks(930), ticks(0)
    ([0, 500, 1000], [0, 1])
    """
    step = nice_step(most, parts)
    return list(range(0, max(most, 1) + step, step))[: -(-max(most, 1) // step) + 1]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels near those wanted, at least `gap` apart, between low and high where there is room; order of places is kept.

    >>> spread([50, 52, 90], 12, 0, 100)
    [50, 62, 90]
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    placed = [0.0] * len(wanted)
    before = low - gap
    for place in order:
        before = placed[place] = max(wanted[place], before + gap)
    after = high + gap
    for place in reversed(order):
        after = placed[place] = min(placed[place], after - gap)
    return placed
