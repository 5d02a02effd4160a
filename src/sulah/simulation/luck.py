"""Seeded luck: every loan, person and purpose draws from a stream of its own, so that changing one never changes another."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Choice = TypeVar("Choice")


def luck(seed: int, *purpose: object) -> Random:
    """A stream of luck for one purpose, the same for the same seed on every machine.

    >>> luck(7, "loan", 1).randrange(1000) == luck(7, "loan", 1).randrange(1000)
    True
    """
    return Random(":".join(str(part) for part in (seed, *purpose)))  # noqa: S311 - a simulated world, not a secret


def happens(stream: Random, per_mille: int) -> bool:
    """Does something that happens so often in a thousand times happen now?

    >>> happens(luck(1), 1000), happens(luck(1), 0)
    (True, False)
    """
    return stream.randrange(1000) < per_mille


def weighted(stream: Random, choices: Sequence[tuple[Choice, int]]) -> Choice:
    """One of the choices, each as often as its weight says; ValueError when there is none.

    >>> weighted(luck(1), [("only", 3), ("never", 0)])
    'only'
    """
    place = stream.randrange(sum(weight for _, weight in choices))
    for choice, weight in choices:
        place -= weight
        if place < 0:
            return choice
    raise ValueError("weights must be zero or more, and not all zero")


def days_late(stream: Random, going_on_per_mille: int, most: int) -> int:
    """Days of delay from 1 up: each further day comes with the given chance, never more than `most`.

    >>> days_late(luck(1), 1000, 4), days_late(luck(1), 0, 4)
    (4, 1)
    """
    days = 1
    while days < most and happens(stream, going_on_per_mille):
        days += 1
    return days
