"""What the reader of answers read, as the acts take it: only what is sure is acted on by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sulah.actions.talk.doing import SURE
from sulah.outreach.intent_lexicon import Lexicon, lexicon
from sulah.outreach.intents import Intent, Read, read_intent
from sulah.policy.intent_rows import load_intent_rows

_OFFERS = (Intent.PROMISE, Intent.PART)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading.  An amount or a day that is one reading of several makes an offer no surer than likely: a person agrees it."""

    read: Read

    @property
    def intent(self) -> str:
        """The most protective intent."""
        return self.read.intent.value

    @property
    def also(self) -> Sequence[str]:
        """The other intents."""
        return [each.value for each in self.read.also]

    @property
    def confidence(self) -> str:
        """sure, likely or unsure; a day and a sum without a verb, both of them plain, are a promise as people write one."""
        read = self.read
        offers = read.intent in _OFFERS
        if offers and not read.also and read.amount_sure and read.due_sure:
            return SURE
        doubtful = offers and ((read.amount_paise is not None and not read.amount_sure) or (read.due_on is not None and not read.due_sure))
        return "likely" if doubtful and read.confidence.value == SURE else read.confidence.value

    @property
    def amount_paise(self) -> int | None:
        """The amount named."""
        return self.read.amount_paise

    @property
    def due_on(self) -> date | None:
        """The day named."""
        return self.read.due_on

    @property
    def wanted_language(self) -> str:
        """The language asked for."""
        return self.read.wanted_language

    @property
    def about(self) -> str:
        """Whose death, where it is said."""
        return self.read.about.value

    @property
    def suspected(self) -> Sequence[str]:
        """Protective intents that no row says and the weights suspect."""
        return [one.intent.value for one in self.read.suspected]

    @property
    def strongly(self) -> Sequence[str]:
        """Those of them that are suspected strongly."""
        return [one.intent.value for one in self.read.suspected if one.strong]

    def told(self) -> dict[str, object]:
        """As plain values: the row that decided and what it was taken for; of the person's words only the place of those that matched."""
        read = self.read
        return {
            "rule": read.rule,
            "language": read.by_language,
            "also": list(self.also),
            "confidence": read.confidence.value,
            "amount_paise": read.amount_paise,
            "due_on": read.due_on.isoformat() if read.due_on else None,
            "paid_on": read.paid_on.isoformat() if read.paid_on else None,
            "reference": bool(read.utr),
            "suspected": [[one.intent.value, one.score, one.bound, one.start, one.end] for one in read.suspected],
            "spans": [[span.start, span.end, span.kind.value, span.rule] for span in read.spans],
        }


def read_answer(text: str, choice: str, language: str, said_on: date) -> Reading:
    """Read one answer with the words in force on the day on which it was said."""
    return Reading(read_intent(text, language, said_on, _lexicon(said_on), choice))


@cache
def _lexicon(on: date) -> Lexicon:
    return lexicon(load_intent_rows(on), on)
