"""A [[voice.script]] of lender.toml read into a script; a half one is refused in words."""

import re
from collections.abc import Mapping

from sulah.outreach.template import VARIABLE, Template, Variable, VariableKind
from sulah.outreach.voice.ivr import Choice, Script, Step, faults_of

_NAME = re.compile(r"[a-z0-9_]{1,40}")
"""Short enough to travel with our reference in 128 letters (CustomField)."""
_PAYLOAD = re.compile(r"[a-z0-9_]{1,32}")


class ScriptError(ValueError):
    """The row is no script; the words say what is missing."""


def script_of(row: Mapping[str, object]) -> Script:
    """One row: name, language, purposes, opening, steps (name, text, variables, choices), again, person, goodbye, legal_words."""
    name = str(row.get("name", ""))
    if not _NAME.fullmatch(name):
        raise ScriptError(f"name of a [[voice.script]] is {name!r}; write small letters, digits and _")
    where = f"the script {name}"
    language = str(row.get("language", ""))
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise ScriptError(f"language of {where} is {language!r}; write a code such as en, hi or ta")
    if type(row.get("legal_words")) is not bool:
        raise ScriptError(f"say legal_words = true or false of {where}: does it speak of law, courts or notices?")
    purposes = row.get("purposes")
    if not isinstance(purposes, list) or not purposes:
        raise ScriptError(f"purposes of {where} must be a list that is not empty")
    given = row.get("step")
    if not isinstance(given, list) or not given or not all(isinstance(each, Mapping) for each in given):
        raise ScriptError(f"{where} needs at least one [[voice.script.step]]")
    template = Template(
        name=name,
        language=language,
        text="\n".join(str(each.get("text", "")) for each in given),
        variables=tuple(variable for each in given for variable in _variables(each, where)),
        purposes=tuple(str(each) for each in purposes),
        header="",
        registered_id="",
        provider_ids={},
        legal_words=bool(row["legal_words"]),
    )
    said = {each: str(row.get(each, "")) for each in ("opening", "again", "person", "goodbye")}
    script = Script(template, steps=tuple(_step(each, where) for each in given), **said)
    if fault := faults_of(script):
        raise ScriptError(f"{where}: {fault}")
    return script


def _step(row: Mapping[str, object], where: str) -> Step:
    given = row.get("choices")
    if not isinstance(given, Mapping):
        raise ScriptError(f"a step of {where} needs choices, such as {{ 1 = 'paid', 2 = 'promise>when' }}")
    choices = {}
    for key, told in given.items():
        payload, _, step = str(told).partition(">")
        if not _PAYLOAD.fullmatch(payload):
            raise ScriptError(
                f"the choice {key} of {where} is {told!r}; write the payload of an intent, and >STEP where another step follows"
            )
        choices[str(key)] = Choice(payload, step)
    return Step(str(row.get("name", "")), str(row.get("text", "")), choices)


def _variables(row: Mapping[str, object], where: str) -> list[Variable]:
    given, text = row.get("variables", []), str(row.get("text", ""))
    if not isinstance(given, list) or text.count(VARIABLE) != len(given) or text.replace(VARIABLE, "").count("{#"):
        raise ScriptError(f"a step of {where} has {text.count(VARIABLE)} {VARIABLE} in its text, and not as many variables")
    found = []
    for each in given:
        name, _, kind = str(each).partition(":")
        if kind.strip() not in tuple(VariableKind):
            raise ScriptError(f"variable {each!r} of {where}: write it as name:kind, with a kind of {', '.join(VariableKind)}")
        found.append(Variable(name.strip(), VariableKind(kind.strip())))
    return found
