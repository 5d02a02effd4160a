"""The registered fault points, by the commands that pass them."""

import importlib
import pkgutil

import sulah
from sulah.kernel.points import POINTS
from tests.depth import WHOLE

_OF_A_LOAD, _OF_A_DAY = ("first load", "next load"), ("first day", "next day")
PASSED_BY = {
    "load": _OF_A_LOAD,
    "derive": _OF_A_LOAD,
    "day": _OF_A_DAY,
    "publish": _OF_A_DAY,
    "durable": (*_OF_A_LOAD, *_OF_A_DAY),
}
"""First part of a point's name -> the commands that must pass it."""
_OF_CONTACT = (
    "contact",
    "stop",
    "assignment",
    "rule",
    "log",
    "standing",
    "outbox",
    "inbox",
    "talk",
    "mail",
    "steps",
    "text",
    "language",
    "officer_code",
)
_OF_KEYS = ("keys", "file", "erase")
_OF_FILES = ("api", "watch", "fetch", "supplement", "delta", "backup", "restore", "retain", "export")
STRUCK_ELSEWHERE = (*_OF_FILES, "tlog", "entry", *_OF_KEYS, *_OF_CONTACT)
"""Points of other commands and acts: tests/api, watch, delta, backup, vault, contact, outbox and transparency strike them there."""
FULLY = ("next load", "next day")
"""The commands whose points are struck at their first, a middle and their last passing."""


def registered() -> list[str]:
    """Every point that any module of the package registers, by name, but those that are struck elsewhere."""
    for module in pkgutil.walk_packages(sulah.__path__, "sulah."):
        if module.name != "sulah.web.wsgi":  # starting the server's application twice is an error
            importlib.import_module(module.name)
    return sorted(point for point in POINTS if point.partition(".")[0] not in STRUCK_ELSEWHERE)


def places(command: str, reached: int) -> list[int]:
    """In a whole run the first, a middle and the last passing of a point that is passed some times; a middle one where the lender is
    still new, and everywhere in a run of the usual depth.

    >>> places("first day", 1), places("first day", 2), places("first day", 7)
    ([1], [1], [4])
    """
    middle = (reached + 1) // 2
    return sorted({1, middle, reached}) if command in FULLY and WHOLE else [middle]
