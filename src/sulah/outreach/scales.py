"""What weighing needs, made ready for a day: the lists of words of one sense, and the weights of each meaning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sulah.outreach.traits import Senses, senses_of
from sulah.policy.talk.weighing import WeighingRow, weighing
from sulah.policy.weight_rows import Weights, load_senses, load_weights

WEIGHED = ("en", "hi")
"""Languages that have weights; in the others the rows stand alone."""


@dataclass(frozen=True, slots=True)
class Scales:
    """Senses by language, and weights by language and by what they are of; without weights nothing is weighed."""

    senses: Mapping[str, Senses] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, Weights]] = field(default_factory=dict)


def scales(use: str, on: date | None, switches: Iterable[WeighingRow] | None = None) -> Scales:
    """The scales of a use ("lint", "intent") on a day, without weights where weighing.toml switches them off.

    on: None for the senses alone, for learning.  switches: other rows than the shipped ones.
    """
    senses = {code: senses_of(load_senses(code), spelt=code == "en") for code in WEIGHED}
    row = weighing(use, on, switches) if on else None
    return Scales(senses, {code: load_weights(code, use, on) for code in WEIGHED} if on and row and row.in_use else {})
