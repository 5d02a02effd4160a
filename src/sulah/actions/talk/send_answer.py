"""Answer a person on the channel and number by which they spoke: a registered text, queued like any other message, guard and all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.review_language import reviewed_languages
from sulah.actions.pick_template import base_name, may_go, sentences_in, version_of
from sulah.actions.put_heard import words_of
from sulah.actions.queue_message import Wanted, queue_message
from sulah.actions.stopped_texts import without_stopped
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels, Configured
from sulah.outreach.template import Template, TemplateError, Value
from sulah.records.contact.heard import Heard
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import LanguageWish

ANSWERED_WITHIN = timedelta(hours=23)
"""An answer that could not go by then answers nothing any more; a session of WhatsApp has ended by then, too."""

FIRST = 10
"""Priority of an answer: before everything that was planned."""

_BACK = {Channel.BOT_CALL: Channel.SMS}
"""A call is answered by a message."""


@dataclass(frozen=True, slots=True)
class Answering:
    """What is answered: to what was heard, on which loans, with which text of the library, for what, and what can be filled in."""

    heard: Heard
    person: str
    loans: tuple[str, ...]
    text: str
    purpose: Purpose
    values: Mapping[str, object]


def send_answer(asked: Answering, *, channels: Channels, vault: Vault, by: Actor, clock: Clock) -> bool:
    """Queue the answer; False where no text for it is registered on the channel in a language that fits, or its values are not known."""
    channel = _BACK.get(Channel(asked.heard.channel), Channel(asked.heard.channel))
    if channel not in channels:
        return False
    sender, _ = words_of(vault, asked.heard)
    if not channels[channel].sendable(sender):
        return False
    for template in _templates(without_stopped(channels)[channel], asked.text, _languages(asked.person), asked.purpose):
        values = _values(template, asked.values)
        if values is None:
            continue
        now = clock()
        intent = Intent(
            intent_id=f"answer-{asked.heard.pk}-{asked.text}",
            person_id=asked.person,
            at=now,
            channel=channel,
            purpose=asked.purpose,
            loan_ids=asked.loans,
            number_key=asked.heard.number_key,
            offers=False,
            legal_words=template.legal_words,
            amount_paise=_amount(values, asked.values),
        )
        wanted = Wanted(intent, sender, template.name, values, now, now + ANSWERED_WITHIN, FIRST)
        queue_message(wanted, channels=channels, vault=vault, actor=by.name, clock=clock)
        return True
    return False


def _templates(channel: Configured, text: str, languages: tuple[str, ...], purpose: Purpose) -> Iterator[Template]:
    """The templates of a text in the order of the languages, without sentences that only some people get, the latest version first.

    A text of the library goes in a language that a native reader has signed off, or where it is a plain reminder.
    """
    reviewed = reviewed_languages()
    named = [one for one in channel.templates.values() if base_name(one) == text and purpose in one.purposes and not sentences_in(one)]
    fit = sorted((one for one in named if not version_of(one) or may_go(one, reviewed)), key=version_of, reverse=True)
    yield from (one for language in languages for one in fit if one.language == language)


def _values(template: Template, known: Mapping[str, object]) -> dict[str, Value] | None:
    """The values of a template where all of them are known and fit."""
    values: dict[str, Value] = {each.name: known[each.name] for each in template.variables if each.name in known}  # type: ignore[misc]
    try:
        template.values(values)
    except TemplateError:
        return None
    return values


def _amount(values: Mapping[str, Value], known: Mapping[str, object]) -> int | None:
    amount = known.get("amount")
    return amount if "amount" in values and isinstance(amount, int) else None


def _languages(person: str) -> tuple[str, ...]:
    wish = wished_language(person)
    known = Standing.objects.filter(pk=person).values_list("language", flat=True).first()
    return tuple(dict.fromkeys(str(each).lower() for each in (wish, known, "en") if each))


def wished_language(person: str, until: datetime | None = None) -> str | None:
    """The language that a person asked for last, up to an instant where one is given; by when it was said, not by when it was heard."""
    wishes = LanguageWish.objects.filter(person=person) if until is None else LanguageWish.objects.filter(person=person, at__lte=until)
    return wishes.order_by("-at", "language", "-id").values_list("language", flat=True).first()
