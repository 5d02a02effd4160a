"""Money is integer paise; this file turns rupees into paise, paise into Indian text, and splits without loss."""

import re
from collections.abc import Sequence

_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2})?")


def paise_of(rupees: str) -> int:
    """Paise of a plain rupee text with at most two decimals; ValueError for any other text.

    >>> paise_of("1234.5"), paise_of("-0.05")
    (123450, -5)
    """
    if not _PLAIN.fullmatch(rupees):
        raise ValueError(f"not a rupee amount with at most two decimals: {rupees!r}")
    whole, _, part = rupees.lstrip("-").partition(".")
    paise = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    return -paise if rupees.startswith("-") else paise


def rupees_of(paise: int) -> str:
    """The plain rupee text of paise, always with two decimals; the inverse of paise_of.

    >>> rupees_of(-5)
    '-0.05'
    """
    sign = "-" if paise < 0 else ""
    return f"{sign}{abs(paise) // 100}.{abs(paise) % 100:02d}"


def indian(paise: int, *, decimals: bool = False) -> str:
    """Paise as people in India read money: ₹ with lakh and crore grouping; paise shown when asked for or not zero.

    >>> indian(12_34_567_00), indian(-50), indian(100, decimals=True)
    ('₹12,34,567', '-₹0.50', '₹1.00')
    """
    whole, part = divmod(abs(paise), 100)
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    text = ",".join([*groups, tail]) if head else tail
    cents = f".{part:02d}" if decimals or part else ""
    return f"{'-' if paise < 0 else ''}₹{text}{cents}"


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Paise split in proportion to weights with nothing lost: largest remainder, ties to the earlier place.

    Weights are integers >= 0 that are not all zero, else ValueError. The parts always add up to the total.

    >>> split(100, [1, 1, 1])
    [34, 33, 33]
    """
    base = sum(weights)
    if base <= 0 or min(weights) < 0:
        raise ValueError("weights must be zero or more, and not all zero")
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // base for weight in weights]
    remainders = [abs(total) * weight % base for weight in weights]
    short = abs(total) - sum(parts)
    for place in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:short]:
        parts[place] += 1
    return [sign * part for part in parts]
