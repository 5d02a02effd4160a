"""What to do so that a text which would have gone may go: draft it, register and submit it, approve it, or name it at a gateway."""

from sulah.actions.contact.texts_in_force import unnumbered
from sulah.actions.pick_template import MissingText
from sulah.outreach.configured import Channels
from sulah.policy.languages import load_languages
from sulah.records.contact.text import APPROVED, DRAFT, SUBMITTED, TextVersion

_BENCH = "on the text bench (Contact, Texts)"


def named(missing: MissingText) -> str:
    """The text in words.

    >>> from sulah.kernel.terms import Channel
    >>> named(MissingText("overdue_early", ("penal", "link"), "hi", Channel.SMS))
    'overdue_early with penal and link, in Hindi, for SMS'
    """
    with_ = f" with {' and '.join(missing.sentences)}" if missing.sentences else ""
    return f"{missing.text}{with_}, in {load_languages()[missing.language].name}, for {missing.channel.spoken}"


def what_to_do(missing: MissingText, channels: Channels) -> str:
    """What stands between the text and its being sent, by the version that has come furthest."""
    rows = TextVersion.objects.filter(name=missing.text, language=missing.language, channel=missing.channel)
    alike = [row for row in rows.order_by("version") if set(row.sentences.split()) == set(missing.sentences)]
    states = {row.state: row for row in alike}
    if APPROVED in states:
        lacking = unnumbered(channels[missing.channel], states[APPROVED]) if missing.channel in channels else []
        gateways = ", ".join(lacking)
        return (
            f"It is approved, and has no number at {gateways}: draft, submit with that number and approve it again."
            if lacking
            else ("It is approved by now: plan again.")
        )
    if SUBMITTED in states:
        return f"It is submitted: a second person of compliance approves it {_BENCH}."
    if DRAFT in states:
        return f"It is drafted: submit it with its registration {_BENCH}; then a second person approves it."
    return f"Draft it {_BENCH}, register it, submit it with its registration; then a second person approves it."
