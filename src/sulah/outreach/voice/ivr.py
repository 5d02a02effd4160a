"""An automated call as a value: what is said, which key means what, and how it goes on; it always says that it is automated.

The opening is a field of its own and is always spoken first (BOT-TELL: an automated call says so, and gives a person on request).  0 is
a person, 9 is once more; silence and keys that mean nothing are asked again at most twice, then the call says goodbye.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sulah.outreach.template import VARIABLE, Template

PERSON, AGAIN = "0", "9"
PERSON_PAYLOAD = "call_me"
TRIES = 2
"""How often a step is asked again."""
KEY_SECONDS = 6
"""How long a key is waited for after the words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a key means: the payload of an intent (paid, promise, stop ...), and the step that follows; no step: goodbye."""

    payload: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One question: its text, and the keys that answer it."""

    name: str
    text: str
    choices: Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class Script:
    """One registered script in one language; the texts of its steps, one a line, are the text of its template.

    opening: says who calls and that the call is automated.  again: said before a step is repeated.  person: said before the borrower is
    put through to somebody.  goodbye: said at the end.
    """

    template: Template
    opening: str
    steps: tuple[Step, ...]
    again: str
    person: str
    goodbye: str

    def spoken(self, values: Sequence[str]) -> "Script":
        """The script as one person hears it: the variables filled in, in their order.

        >>> text = Template("due", "en", "You owe {#var#} rupees. Press 1 if you have paid.", (), (), "", "", {})
        >>> script = Script(text, "Automated call of Kaveri.", (Step("ask", "", {"1": Choice("paid")}),), "Again.", "Wait.", "Bye.")
        >>> script.spoken(("500",)).steps[0].text
        'You owe 500 rupees. Press 1 if you have paid.'
        """
        texts = self.template.body(values).split("\n")
        return replace(self, steps=tuple(replace(step, text=text) for step, text in zip(self.steps, texts, strict=True)))

    def step(self, name: str) -> Step | None:
        """A step by its name; the first for an empty one; None when there is none."""
        return next((step for step in self.steps if not name or step.name == name), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands: which step was asked, and how often before."""

    step: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What the call does next: says some words, then asks (place), puts through to a person, or hangs up; payload: what was answered."""

    say: tuple[str, ...]
    place: Place | None = None
    person: bool = False
    payload: str = ""


def begin(script: Script) -> Turn:
    """The first thing that is heard: the opening, then the first question."""
    first = script.steps[0]
    return Turn((script.opening, first.text), Place(first.name))


def advance(script: Script, place: Place, keys: str) -> Turn:
    """What follows a key, or silence ('').

    >>> text = Template("due", "en", "Press 1 if you have paid.", (), (), "", "", {})
    >>> script = Script(text, "Automated.", (Step("ask", "Press 1.", {"1": Choice("paid")}),), "Again.", "Wait.", "Bye.")
    >>> advance(script, Place("ask"), "1"), advance(script, Place("ask"), "0").person
    (Turn(say=('Bye.',), place=None, person=False, payload='paid'), True)
    >>> advance(script, Place("ask"), "7").say, advance(script, Place("ask", TRIES), "").say
    (('Again.', 'Press 1.'), ('Bye.',))
    """
    step = script.step(place.step)
    if step is None:
        return Turn((script.goodbye,))
    if keys == PERSON:
        return Turn((script.person,), person=True, payload=PERSON_PAYLOAD)
    choice = step.choices.get(keys)
    if choice is None:
        return Turn((script.again, step.text), Place(step.name, place.tries + 1)) if 0 <= place.tries < TRIES else Turn((script.goodbye,))
    following = script.step(choice.step) if choice.step else None
    if following is None:
        return Turn((script.goodbye,), payload=choice.payload)
    return Turn((following.text,), Place(following.name), payload=choice.payload)


def faults_of(script: Script) -> str:
    """Why a script cannot be used, in words; empty for one that can."""
    names = [step.name for step in script.steps]
    texts = script.template.text.split("\n")
    if not script.steps or len(set(names)) != len(names) or len(texts) != len(names) or not all(text.strip() for text in texts):
        return "it needs steps, each with a name of its own and a text on one line"
    said = {"opening": script.opening, "again": script.again, "person": script.person, "goodbye": script.goodbye}
    if missing := [name for name, text in said.items() if not text.strip() or VARIABLE in text]:
        return f"it needs {missing[0]}, a text without variables"
    for step in script.steps:
        if not step.choices or any(len(key) != 1 or key not in "12345678" for key in step.choices):
            return f"its step {step.name} needs choices by the keys 1 to 8; {PERSON} is a person, {AGAIN} is once more"
        if unknown := [choice.step for choice in step.choices.values() if choice.step and choice.step not in names]:
            return f"its step {step.name} leads to a step {unknown[0]} that there is not"
    return "" if _ends(script) else "its steps lead in a circle"


def _ends(script: Script) -> bool:
    """Does every way through the steps come to an end?  A call must not go round with somebody."""
    left = {step.name: {choice.step for choice in step.choices.values() if choice.step} for step in script.steps}
    while ends := [name for name, following in left.items() if not following & set(left)]:
        for name in ends:
            del left[name]
    return not left
