"""Writes the one document of the contact rules, `docs/policy/contact.md`, from their rows."""

from collections.abc import Iterator, Sequence

from sulah.kernel.money import indian
from sulah.kernel.terms import Channel, ContactClass, ContactState, Party, Place
from sulah.policy.contact_predicates import PREDICATES
from sulah.policy.contact_sheets import OVERRIDERS, WHEN_UNKNOWN
from sulah.policy.contact_text import (
    ASKED,
    COUNTED,
    DECISION,
    DRAFTS,
    FENCE_WORDS,
    HEADING,
    NOT_ASKED,
    OCCASIONS,
    OVERRIDES,
    STOPS,
    TERMS,
    TYPES,
    UNKNOWN,
    UNKNOWN_MEANS,
    VERIFY,
)
from sulah.policy.contact_words import MARKS, bound, in_words, listed, mark, title, when_asked
from sulah.policy.rows import Policy, Row

CHAPTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Hours", "Every rule of hours that fits is asked; the narrowest window wins.", ("hours",)),
    ("How often", "Pooled per person: over all loans, channels of a class, agents, agencies and sources.", ("cap", "one_call")),
    ("Wishes and occasions", "What the person asked for, and sensitive times.", ("preference", "occasion")),
    ("Place of a visit", "Where somebody may be met, and after what.", ("misses", "place_order")),
    ("Who, and at which number", "Nobody but those who owe hears of a debt.", ("party", "number")),
    ("Consent, platform and telephone", "What the person and the carriers allow.", ("consent", "session", "template", "tier", "caller_id")),
    ("Agents and agencies", "Papers, notice, assignment.", ("certificate", "antecedents", "agent_notice", "assigned")),
    ("What is asked for and said", "Nothing that is not so.", ("overdue", "due_soon", "demand", "book_age", "legal_language", "no_offer")),
    ("How long a permit lives", "A permit is for now, not for later.", ("permit_life",)),
)
"""The rules by chapter: heading, first line, predicates."""


def contact_page(policy: Policy) -> str:
    """The whole document.

    >>> from sulah.policy.load import load_contact_policy
    >>> contact_page(load_contact_policy()).splitlines()[0]
    '# The contact rules: who may be contacted, when, how often, how'
    """
    return "\n".join(_lines(policy)) + "\n"


def _lines(policy: Policy) -> Iterator[str]:
    yield HEADING
    yield from _marks(policy)
    yield from _terms()
    yield ASKED
    yield from _purposes(policy)
    for heading, first_line, predicates in CHAPTERS:
        yield f"\n## {heading}\n\n{first_line}"
        rows = [row for row in policy.tables["contact_rule"] if row.values["predicate"] in predicates]
        for row in sorted(rows, key=lambda row: tuple(MARKS).index(row.status)):
            yield from _rule(row)
        if heading == "Wishes and occasions":
            yield from _occasions(policy)
    yield from _stops(policy)
    yield from _types(policy)
    yield from _unknown(policy)
    yield from _overrides(policy)
    yield from _drafts(policy)
    yield FENCE_WORDS
    yield from _predicates()
    yield DECISION
    yield NOT_ASKED
    yield from _to_verify(policy)


def _marks(policy: Policy) -> Iterator[str]:
    """How many rows carry which mark."""
    rows = [row for listed_rows in policy.tables.values() for row in listed_rows]
    yield "\n| mark | meaning | rows |\n|---|---|---|"
    meanings = {
        "law": "a text in force; nobody switches it off",
        "draft": "a consultation of RBI, shipped switched on; it binds from the date in the draft while it is on",
        "platform": "private terms of a carrier; nobody switches it off",
        "policy": "no legal number exists, or the text leaves it open: our cautious default, the lender's to change",
    }
    for status, meaning in meanings.items():
        yield f"| {MARKS[status]} | {meaning} | {sum(row.status == status for row in rows)} |"


def _terms() -> Iterator[str]:
    """The words that rules are written in."""
    yield TERMS
    yield "\n| class | channels |\n|---|---|"
    for item in ContactClass:
        yield f"| `{item}` | {', '.join(f'`{channel}`' for channel in Channel if channel.contact_class is item)} |"
    yield f"\nPlaces: {', '.join(f'`{place}`' for place in Place)}. Parties: {', '.join(f'`{party}`' for party in Party)}."
    yield COUNTED
    yield "\n| state | an attempt? | counts as connected? |\n|---|---|---|"
    yield from (f"| `{state}` | {_yes(state.counts)} | {_yes(state.may_have_connected)} |" for state in ContactState)


def _yes(answer: object) -> str:
    return "yes" if answer else "no"


def _purposes(policy: Policy) -> Iterator[str]:
    yield "\n## Purposes\n\nEvery contact has exactly one. What asks for an overdue amount is recovery, whatever else it says."
    yield ""
    yield "| purpose | recovery? | counts against caps? | meaning |\n|---|---|---|---|"
    for row in policy.tables["contact_purpose"]:
        values = row.values
        note = f" *{row.note}*" if row.note else ""
        yield f"| `{values['purpose']}` | {_yes(values['recovery'])} | {_yes(values['counted'])} | {values['meaning']}{note} |"
    yield from _sources(policy.tables["contact_purpose"])


def _rule(row: Row) -> Iterator[str]:
    """One rule: its words, of what it is asked, and where it comes from."""
    values = row.values
    yield f"\n### {row.rule_id} · {title(row)} · {mark(row)}\n\n**{in_words(row)}**\n"
    yield f"- {when_asked(row)}"
    switch = "" if values["switched_on"] else " **Switched off.**"
    yield f"- When unknown: {values['when_unknown']}. A no {_severity(str(values['severity']))}.{switch}"
    yield f"- May be set aside by: {values['override_by']}. Version {values['version']}. Signed off by: nobody yet (as shipped)."
    older = f" Older text: {values['legacy']}." if values["legacy"] else ""
    yield f"- Source: {row.citation}{older}"
    if row.note:
        yield f"- {row.note}"


def _severity(severity: str) -> str:
    return {"block": "stops the contact", "warn": "warns and lets it pass", "log": "is only recorded"}[severity]


def _sources(rows: Sequence[Row]) -> Iterator[str]:
    """Each citation once with the rows that follow it."""
    cited: dict[str, list[str]] = {}
    for row in rows:
        cited.setdefault(f"{mark(row)}; {bound(row)}: {row.citation}", []).append(row.rule_id)
    yield ""
    yield from (f"- {citation} ({', '.join(ids)})" for citation, ids in cited.items())


def _occasions(policy: Policy) -> Iterator[str]:
    rows = policy.tables["contact_occasion"]
    yield OCCASIONS
    yield "| kind | covers, unless noted otherwise | days | bars classes | note |\n|---|---|---|---|---|"
    for row in rows:
        values = row.values
        yield f"| `{values['kind']}` | {values['scope']} | {values['days']} | {listed(values['classes'])} | {row.note} |"
    yield from _sources(rows)


def _stops(policy: Policy) -> Iterator[str]:
    rows = policy.tables["contact_stop"]
    yield STOPS
    yield "| row | event | scope | purposes still allowed | bars classes | ends | lifted by | binds | mark |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        values = row.values
        ends = f"after {values['days']} days" if values["days"] else "when lifted"
        what = f"`{values['event']}` | `{values['scope']}` | {listed(values['allowed'])} | {listed(values['classes'])}"
        yield f"| {row.rule_id} | {what} | {ends} | {values['lifted_by']} | {bound(row)} | {mark(row)} |"
    yield ""
    yield from (f"- {row.rule_id}: {row.note} Source: {row.citation}" for row in rows)


def _types(policy: Policy) -> Iterator[str]:
    rows = policy.tables["loan_type"]
    yield TYPES
    yield "| row | says | mark |\n|---|---|---|"
    for row in rows:
        limit = int(str(row.values["income_most_paise"]))
        until = f", up to {limit} paise ({indian(limit)}) of household income a year" if limit else ""
        yield f"| {row.rule_id} | product `{row.values['product']}`: `{row.values['loan_type']}`{until} | {mark(row)} |"
    yield from _sources(rows)
    yield from (f"- {row.rule_id}: {row.note}" for row in rows if row.note)


def _unknown(policy: Policy) -> Iterator[str]:
    rows = policy.tables["contact_rule"]
    yield UNKNOWN
    yield "| when_unknown | means | rules |\n|---|---|---|"
    for word in WHEN_UNKNOWN:
        ids = [row.rule_id for row in rows if row.values["when_unknown"] == word]
        yield f"| `{word}` | {UNKNOWN_MEANS[word]} | {', '.join(ids) or 'none'} |"


def _overrides(policy: Policy) -> Iterator[str]:
    yield OVERRIDES
    yield "| role | rules |\n|---|---|"
    for role in OVERRIDERS:
        ids = [row.rule_id for row in policy.tables["contact_rule"] if row.values["override_by"] == role]
        yield f"| {role} | {', '.join(ids) or 'none'} |"


def _drafts(policy: Policy) -> Iterator[str]:
    rows = [row for row in policy.tables["contact_rule"] if row.status == "draft"]
    yield DRAFTS
    yield "| row | asks | as shipped | binds |\n|---|---|---|---|"
    for row in rows:
        yield f"| {row.rule_id} | {in_words(row)} | {'on' if row.values['switched_on'] else 'off'} | {bound(row)} |"


def _predicates() -> Iterator[str]:
    yield "\n## The exact meaning of every question"
    yield "\nA rule is a question with numbers. These are all the questions; stops are asked beside them."
    for name, predicate in PREDICATES.items():
        yield f"\n### `{name}`: {predicate.title}\n\n{predicate.says}\n"
        if predicate.uses:
            yield f"- Columns: {'; '.join(f'`{column}` = {meaning}' for column, meaning in predicate.uses.items())}."
        if predicate.channels:
            yield f"- Only on: {', '.join(f'`{channel}`' for channel in Channel if channel.value in predicate.channels)}."
        yield f"- Unknown: {predicate.unknown}\n- Next lawful time: {predicate.waits}"


def _to_verify(policy: Policy) -> Iterator[str]:
    yield VERIFY
    yield "| row | table | mark | what to look up |\n|---|---|---|---|"
    for table, rows in policy.tables.items():
        for row in (row for row in rows if row.verify):
            yield f"| {row.rule_id} | {table} | {mark(row)} | {row.citation} |"
