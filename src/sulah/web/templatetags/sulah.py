"""Filters and tags of the templates: rupees, days, counts, words, and links that keep the day that is being read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from sulah.kernel.dates import day_text
from sulah.kernel.money import indian
from sulah.web.words import grouped, meant, percent, share, within, words

register = template.Library()


@register.filter
def rupees(paise: int | None) -> str:
    """Paise as Indian rupees; a dash for nothing."""
    return "—" if paise is None else indian(int(paise))


@register.filter
def day(value: date | datetime | str | None) -> str:
    """A date as people read it; a dash for nothing, and words for a window without an end; JSON carries ISO texts."""
    if not value:
        return "—"
    if isinstance(value, str):
        return day_text(date.fromisoformat(value[:10]))
    if isinstance(value, datetime):
        return day_text(timezone.localtime(value).date())
    return "until further notice" if value.year == 9999 else day_text(value)


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in India time, to the minute."""
    if not value:
        return "—"
    local = timezone.localtime(value)
    return f"{day_text(local.date())}, {local:%H:%M}"


@register.filter(name="grouped")
def grouped_filter(number: int | None) -> str:
    """A count with Indian grouping."""
    return "—" if number is None else grouped(int(number))


@register.filter(name="said")
def said_filter(text: str, shown: Mapping[str, str]) -> str:
    """The words in whose place a text stands, as far as the page view shows them."""
    return shown.get(text, text)


@register.filter(name="words")
def words_filter(code: object) -> str:
    """The words of a code."""
    return words(code)


@register.filter(name="within")
def within_filter(code: object) -> str:
    """The words of a code inside a sentence."""
    return within(code)


@register.filter(name="meant")
def meant_filter(intent: str) -> str:
    """What a person meant, inside a sentence."""
    return meant(intent)


@register.filter
def figure(value: str | None, field: str) -> str:
    """One side of a difference as people read it: a date as a day, a class in words, a count as it is; a dash for nothing."""
    if value is None:
        return "—"
    return {"npa_on": day, "class": words}.get(field, str)(value)


@register.filter
def of(part: int | None, whole: int | None) -> str:
    """A share in percent."""
    return share(int(part or 0), int(whole or 0))


@register.filter(name="percent")
def percent_filter(points: int | None) -> str:
    """Hundredths of a percent as people read them."""
    return percent(points)


@register.filter
def signed(number: int | None) -> str:
    """A move with its sign: + for more, a true minus for less."""
    if number is None:
        return "—"
    return grouped(0) if number == 0 else ("+" if number > 0 else "−") + grouped(abs(number))


@register.filter
def at(values: Sequence[object], place: int) -> object:
    """The value at a place of a list."""
    return values[place]


def address(context: Context, name: str, *path: str, **query: object) -> str:
    """The address of a page, with the query given and the day that is being read."""
    asked = {key: str(value) for key, value in query.items() if value not in (None, "")}
    request = context.get("request")
    if request is not None and "day" in request.GET and "day" not in asked:
        asked["day"] = request.GET["day"]
    tail = f"?{urlencode(asked)}" if asked else ""
    return reverse(name, args=path) + tail


@register.simple_tag(takes_context=True)
def link(context: Context, name: str, *path: str, **query: object) -> str:
    """Address of a page that keeps the chosen day."""
    return address(context, name, *path, **query)


@register.simple_tag(takes_context=True)
def day_tail(context: Context) -> str:
    """The end of an address that already has a query: it keeps the day that is being read."""
    return "&" + urlencode({"day": context["request"].GET["day"]}) if "day" in context["request"].GET else ""


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: object) -> str:
    """The same page with some parts of its query changed; an empty value takes a part away."""
    query: dict[str, Any] = {key: context["request"].GET[key] for key in context["request"].GET}
    query.update(changes)
    return "?" + urlencode({key: str(value) for key, value in query.items() if value not in (None, "")})


@register.inclusion_tag("parts/sort_head.html", takes_context=True)
def sort_head(context: Context, name: str, label: str, *, first: str = "-", number: bool = False) -> dict[str, object]:
    """A table head that sorts at the server; first says the direction of the first press."""
    sort = str(context.get("sort", ""))
    on = sort.lstrip("-") == name
    turn = name if sort.startswith("-") else f"-{name}"
    wanted = turn if on else (f"-{name}" if first == "-" else name)
    aria = ("descending" if sort.startswith("-") else "ascending") if on else ""
    return {"href": with_query(context, sort=wanted, page=""), "label": label, "aria": aria, "number": number}


@register.simple_tag
def bar(part: int | None, most: int | None) -> SafeString:
    """A bar as inline SVG; the figure itself stands beside it, so readers that do not see it miss nothing."""
    width = 0 if not most else max(0, min(1000, (int(part or 0) * 1000) // int(most)))
    return SafeString(
        f'<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="bar-track" width="1000" height="10"/><rect class="bar-fill" width="{width}" height="10"/></svg>'
    )
