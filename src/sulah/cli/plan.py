"""sulah plan: the messages that the last published day proposes, what the guard would permit of them, and, if asked, into the outbox."""

import argparse
import os
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from sulah.cli.speak import answer, counting, opened
from sulah.kernel.dates import IST, day_text, system_clock
from sulah.kernel.terms import Exit

if TYPE_CHECKING:
    from datetime import datetime

    from sulah.actions.contact.rulebook import Rulebook
    from sulah.actions.plan_messages import DayPlan
    from sulah.outreach.configured import Channels

_SHOWN = {
    "people": "People",
    "no_number": "No number of their own",
    "no_template": "No approved text",
    "charge_not_named": "Charge not named",
    "values_do_not_fit": "Values do not fit",
    "no_step_due": "No step due",
    "proposed": "Proposed",
    "queued_before": "In the outbox before",
    "refused": "Refused",
    "permitted": "Permitted",
    "queued": "Queued now",
}


def add(subparsers: Any) -> None:
    """The command's options."""
    parser = subparsers.add_parser("plan", help="the messages that the last published day proposes, and which of them are lawful")
    parser.add_argument("--queue", action="store_true", help="put the permitted ones into the outbox; the same day again adds nothing")


def run(args: argparse.Namespace, console: Console) -> Exit:
    """Publish the last day where that is due, plan its messages, and say how it ended."""
    lender = opened(args)
    from sulah.actions.contact.actor import machine
    from sulah.actions.contact.rulebook import rulebook_of
    from sulah.actions.contact.texts_in_force import channels_of
    from sulah.actions.plan_messages import plan_messages, told
    from sulah.actions.publish_people import publish_people

    channels = channels_of(lender, os.environ)
    book, by = rulebook_of(lender), machine(args.by)
    with counting(Console(stderr=True)) as tell:
        tell("publishing the day", 0, 1)
        publish_people(lender, book.rules, by=by, clock=system_clock)
        plan = plan_messages(lender, channels, book, queue=args.queue, by=by, clock=system_clock, tell=tell)
    rules = [_rule(book, plan, rule_id) for rule_id in sorted(plan.refused_by, key=lambda one: (-plan.refused_by[one], one))]
    tallies = {purpose.value: told(tally) for purpose, tally in plan.tallies.items()}
    missing = _missing(plan, channels)
    answer(
        args,
        {
            "done": True,
            "as_of": plan.as_of,
            "simulated": lender.simulated,
            "at": plan.at.isoformat(),
            "until": plan.until.isoformat(),
            "purposes": tallies,
            "refused_by": rules,
            "stopped_texts": sorted({one.template for one in plan.stopped}),
            "texts_missing": missing,
            "without_text": list(plan.silent),
        },
    )
    if not args.json:
        _say(console, f"{lender.name}{' (simulated)' if lender.simulated else ''}", plan, tallies, rules, missing)
        if not args.queue and any(tally["permitted"] for tally in tallies.values()):
            console.print("Nothing was queued. To put the permitted ones into the outbox: sulah plan --queue")
    return Exit.DONE


def _rule(book: "Rulebook", plan: "DayPlan", rule_id: str) -> dict[str, Any]:
    """A refusing rule: how many messages it refuses, what it says and where that stands."""
    from sulah.policy.contact_words import in_words

    row = book.row(rule_id, plan.at.astimezone(IST).date())
    says, citation = "", ""
    if row is not None:
        stopped = row.table == "contact_stop"
        says = f"Contact is stopped: {row.values['event']}, for the {row.values['scope']}.".replace("_", " ") if stopped else in_words(row)
        citation = row.citation
    return {"rule": rule_id, "messages": plan.refused_by[rule_id], "says": says, "citation": citation}


def _missing(plan: "DayPlan", channels: "Channels") -> list[dict[str, Any]]:
    """The texts that would have gone and are not approved: for how many people, and what to do."""
    from sulah.actions.contact.missing_texts import named, what_to_do

    found = sorted(plan.missing.items(), key=lambda pair: (-pair[1], named(pair[0])))
    return [{"text": named(one), "people": people, "do": what_to_do(one, channels)} for one, people in found]


def _say(
    console: Console,
    name: str,
    plan: "DayPlan",
    tallies: dict[str, dict[str, int]],
    rules: list[dict[str, Any]],
    missing: list[dict[str, Any]],
) -> None:
    console.print(
        f"[bold]{name}[/]: messages of {day_text(plan.as_of)}, as the guard would decide them {_moment(plan.at)}. "
        f"They may go until {_moment(plan.until)}."
    )
    table = Table("", *(purpose.replace("_", "-") for purpose in tallies))
    for column in table.columns[1:]:
        column.justify = "right"
    for key, words in _SHOWN.items():
        table.add_row(words, *(f"{tally[key]:,}" for tally in tallies.values()))
    console.print(table)
    if rules:
        refusals = Table("Refused by", "Messages", "What the rule says", "Source")
        for rule in rules:
            refusals.add_row(rule["rule"], f"{rule['messages']:,}", rule["says"], rule["citation"])
        console.print(refusals)
        console.print("A message that several rules refuse is counted with each of them. Refused messages are not queued.")
    _say_texts(console, plan, tallies, missing)


def _say_texts(console: Console, plan: "DayPlan", tallies: dict[str, dict[str, int]], missing: list[dict[str, Any]]) -> None:
    """What did not go because of its text, and what to do."""
    for one in plan.stopped:
        console.print(
            f"The platform has stopped the text {one.template} ({one.channel.spoken}, {one.provider}) since {_moment(one.since)}: "
            f"{one.words}. Nothing is queued with it until the platform lets it go again.",
            markup=False,
        )
    if missing:
        texts = Table("Text that nobody approved", "People", "What to do")
        for line in missing:
            texts.add_row(line["text"], f"{line['people']:,}", line["do"])
        console.print(texts)
    if any(tally["no_template"] for tally in tallies.values()):
        console.print(
            "Only approved texts are sent, in the person's language, the lender's second one or English; docs/policy/texts.md says how."
        )
    if plan.silent:
        names = ", ".join(name.replace("_", " ") for name in plan.silent)
        console.print(
            f"Not planned, because no text for it may go on any channel: {names}. To remind, have such a text approved (Contact, Texts)."
        )
    if any(tally["charge_not_named"] for tally in tallies.values()):
        console.print(
            "Charge not named: write charges = 'penal' or 'other' under [texts] of lender.toml; a penal charge is named in a reminder."
        )


def _moment(at: "datetime") -> str:
    local = at.astimezone(IST)
    return f"{local:%H:%M:%S} on {day_text(local.date())}"
