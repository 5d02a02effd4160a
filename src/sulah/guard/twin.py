"""The set-based twin of `decide`: many proposals on one snapshot of facts, the same verdict and the same refusing rules, row by row.

Proposals of a person are taken in the order of their position, and only permitted ones count against the caps: round n takes the n-th
proposal of every person.  A proposal that was permitted counts as a contact whose outcome is not known (an attempt, and possibly a
connect) and not as a call in flight; the tier of the portfolio and everything else are read from the snapshot.  Overrides have no place
here: they are for a single intent.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sulah.guard.case import ist_instant
from sulah.guard.rule import ContactRule, Predicate, Severity
from sulah.guard.rules import ContactRules
from sulah.guard.twin_ask import WORD_BITS, Moment, asks, blocked, instant, listed, literal, refuses
from sulah.guard.twin_facts import JOINS, counted, expressions, hits, raised, values
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, ContactClass, ContactState, Purpose


class Answers(Protocol):
    """What a query gives."""

    def fetchall(self) -> list[Any]:
        """All rows."""
        ...


class Connection(Protocol):
    """A connection to the engine, as far as the check uses it."""

    def execute(self, query: str, /) -> Answers:
        """Run a statement."""
        ...


def check(connection: Connection, schema: str, rules: ContactRules, at: datetime) -> int:
    """Decide all proposals of a schema of `twin_tables` at one instant; the number of permitted ones.

    Makes the table `verdict` in the schema: position, permitted, refusing (the ids of the rules that refuse, in order).  ValueError when a
    proposal's person is not among the persons, its channel or purpose is no term, or it says what no `Intent` may say.
    """
    return _Check(connection, schema, rules, at).run()


class _Check:
    """One set-based check."""

    def __init__(self, connection: Connection, schema: str, rules: ContactRules, at: datetime) -> None:
        local = at.astimezone(IST)
        second = local.hour * 3_600 + local.minute * 60 + local.second
        self.moment = Moment(at.astimezone(UTC), local.date(), second)
        self.connection = connection
        self.schema = schema
        self.in_force = rules.on(local.date())
        on_weekday = [rule for rule in self.in_force.rules if rule.weekdays is None or local.weekday() in rule.weekdays]
        self.rules = [rule for rule in on_weekday if rule.severity is Severity.BLOCK]
        self.caps = [rule for rule in self.rules if rule.predicate is Predicate.CAP]
        self._places = {id(rule): place for place, rule in enumerate(self.rules)}
        self.words = max(1, -(-len(self.rules) // WORD_BITS))

    def run(self) -> int:
        """The facts of every proposal, then the rounds, then the names of the rules."""
        self._make("counted", counted(self.schema, self.caps, self._starts()))
        self._make("pair", self._pairs())
        self._make("raised", raised(self.schema, self.moment, self._stop_masks(), self.words))
        self._make("seen", self._seen())
        self._refuse_what_is_no_intent()
        rounds = self.connection.execute("SELECT coalesce(max(nth), 0) FROM guard_twin_seen").fetchall()[0][0]
        for nth in range(1, rounds + 1):
            self._make(f"round_{nth}", self._round(nth))
        self._name(rounds)
        for name in ("counted", "pair", "raised", "seen", *(f"round_{nth}" for nth in range(1, rounds + 1))):
            self.connection.execute(f"DROP TABLE guard_twin_{name}")
        return int(self.connection.execute(f"SELECT count(*) FROM {self.schema}.verdict WHERE permitted").fetchall()[0][0])

    def _make(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE guard_twin_{name} AS {query}")

    def _bits(self, rules: Sequence[ContactRule]) -> list[int]:
        """The bits of some rules, word by word."""
        places = [self._places[id(rule)] for rule in rules]
        return [sum(1 << place % WORD_BITS for place in places if place // WORD_BITS == word) for word in range(self.words)]

    def _starts(self) -> list[str]:
        """For each cap, 00:00 IST of the first day that it counts."""
        today = self.moment.today.toordinal()
        return [instant(ist_instant(today - rule.days + 1)) for rule in self.caps]

    def _pairs(self) -> str:
        """By channel and purpose: the class, the bits of the rules about it, and of the caps that a contact of it counts against."""
        columns = ["channel VARCHAR", "purpose VARCHAR", "contact_class VARCHAR", "adds BIGINT"]
        rows = []
        for channel in Channel:
            for purpose in Purpose:
                about = self._bits([rule for rule in self.rules if rule.fits(channel, purpose)])
                adds = sum(1 << place for place, cap in enumerate(self.caps) if _adds(cap, channel, purpose))
                named = (literal(channel.value), literal(purpose.value), literal(channel.contact_class.value))
                rows.append([*named, str(adds), *map(str, about)])
        return values([*columns, *(f"about_{word} BIGINT" for word in range(self.words))], rows)

    def _stop_masks(self) -> Mapping[str, list[int]]:
        """By event and scope of a stop: the bits of the rules that it makes refuse."""
        by_kind: dict[str, list[ContactRule]] = {}
        for rule in self.rules:
            if rule.stop is not None:
                by_kind.setdefault(f"{rule.stop.event.value} {rule.stop.scope.value}", []).append(rule)
        return {kind: self._bits(rules) for kind, rules in by_kind.items()}

    def _seen(self) -> str:
        """Every proposal with the bits of the rules that refuse, caps apart, and of the caps asked; nth: its place for its person."""
        found = self.connection.execute("SELECT DISTINCT scope, person_id IS NULL FROM guard_twin_raised ORDER BY ALL").fetchall()
        tables = {
            "pair": "FROM guard_twin_pair",
            "counted": "FROM guard_twin_counted",
            "raised": "FROM guard_twin_raised",
            "turn": f"SELECT position, row_number() OVER (PARTITION BY person_id ORDER BY position) AS nth FROM {self.schema}.proposal",
            **expressions(self.schema, self.in_force, self.moment),
            "stopped": hits(self.schema, [(str(scope), bool(of_all)) for scope, of_all in found], self.words),
        }
        with_tables = ", ".join(f"{name} AS ({text})" for name, text in tables.items())
        asked = " + ".join(f"(CASE WHEN {asks(cap)} THEN {1 << place} ELSE 0 END)" for place, cap in enumerate(self.caps))
        return (
            f"WITH {with_tables} SELECT p.position, p.person_id, turn.nth, "
            f"pair.adds, CAST({asked or '0'} AS BIGINT) AS asked, {self._refusals()}, "
            + ", ".join(f"pair.about_{word}" for word in range(self.words))
            + JOINS.format(schema=self.schema)
        )

    def _refusals(self) -> str:
        """For each word, the bits of the rules that refuse; rules whose question is the same text are asked once."""
        same: dict[str, list[ContactRule]] = {}
        for rule in self.rules:
            if rule.predicate is not Predicate.STOP:
                text = blocked(rule) if rule.predicate is Predicate.CAP else refuses(rule, self.moment)
                same.setdefault(text, []).append(rule)
        columns = []
        for word in range(self.words):
            cases = [(text, self._bits(rules)[word]) for text, rules in same.items() if text != "FALSE"]
            parts = [f"(CASE WHEN {text} THEN {bits} ELSE 0 END)" for text, bits in cases if bits]
            parts.append(f"coalesce(stopped.stop_{word}, 0)")
            columns.append(f"CAST(({' | '.join(parts)}) & pair.about_{word} AS BIGINT) AS no_{word}")
        return ", ".join(columns)

    def _refuse_what_is_no_intent(self) -> None:
        asked, seen = f"SELECT count(*) FROM {self.schema}.proposal", "SELECT count(*) FROM guard_twin_seen"
        if self.connection.execute(asked).fetchall() != self.connection.execute(seen).fetchall():
            raise ValueError("a proposal names a person without facts, or a channel or purpose that is no term, or stands twice")
        visits = listed(channel for channel in Channel if channel.contact_class is ContactClass.VISIT)
        several = f"SELECT position FROM {self.schema}.proposal_loan GROUP BY position HAVING count(*) > 1"
        twice = f"SELECT 1 FROM {self.schema}.proposal_loan WHERE position IN ({several}) GROUP BY position, loan_id HAVING count(*) > 1"
        placed = f"SELECT 1 FROM {self.schema}.proposal WHERE place IS NOT NULL AND channel NOT IN {visits}"
        if self.connection.execute(f"({twice} LIMIT 1) UNION ALL ({placed} LIMIT 1)").fetchall():
            raise ValueError("a proposal names a loan twice, or says a place for what is neither a visit nor a meeting")

    def _round(self, nth: int) -> str:
        """The n-th proposal of every person: caps against what is counted by then; n_k: what each cap counts afterwards."""
        if nth == 1:
            before, join = [f"coalesce(before.n_{k}, 0)" for k in range(len(self.caps))], "LEFT JOIN guard_twin_counted AS before"
        else:
            before, join = [f"before.n_{k}" for k in range(len(self.caps))], f"JOIN guard_twin_round_{nth - 1} AS before"
        words = [" | ".join([f"seen.no_{word}", *self._full(word, before)]) for word in range(self.words)]
        decided = ", ".join(f"CAST({text} AS BIGINT) AS no_{word}" for word, text in enumerate(words))
        counts = "".join(f", {text} AS was_{k}" for k, text in enumerate(before))
        permitted = " AND ".join(f"no_{word} = 0" for word in range(self.words))
        after = "".join(f", was_{k} + CASE WHEN {permitted} THEN (adds >> {k}) & 1 ELSE 0 END AS n_{k}" for k in range(len(self.caps)))
        return (
            f"SELECT position, person_id, {', '.join(f'no_{word}' for word in range(self.words))}{after} FROM ("
            f"SELECT seen.position, seen.person_id, seen.adds, {decided}{counts} FROM guard_twin_seen AS seen "
            f"{join} ON before.person_id = seen.person_id WHERE seen.nth = {nth})"
        )

    def _full(self, word: int, before: Sequence[str]) -> list[str]:
        """The bits of this word's caps that are asked and reached."""
        found = []
        for place, (cap, count) in enumerate(zip(self.caps, before, strict=True)):
            bit = self._bits([cap])[word]
            if bit:
                found.append(
                    f"(CASE WHEN (seen.asked >> {place}) & 1 = 1 AND {count} >= {cap.most} THEN {bit} & seen.about_{word} ELSE 0 END)"
                )
        return found

    def _name(self, rounds: int) -> None:
        """The table `verdict`: the ids of the refusing rules are looked up once for each set of bits that occurs."""
        bits = [f"no_{word}" for word in range(self.words)]
        decided = " UNION ALL ".join(f"SELECT position, {', '.join(bits)} FROM guard_twin_round_{nth}" for nth in range(1, rounds + 1))
        empty = values(["position BIGINT", *(f"{bit} BIGINT" for bit in bits)], ())
        ids = values(
            ["rule_id VARCHAR", "word BIGINT", "bit BIGINT"],
            ((literal(rule.rule_id), str(place // WORD_BITS), str(place % WORD_BITS)) for place, rule in enumerate(self.rules)),
        )
        set_bit = " OR ".join(f"(ids.word = {word} AND (sets.no_{word} >> ids.bit) & 1 = 1)" for word in range(self.words))
        same = " AND ".join(f"named.{bit} = decided.{bit}" for bit in bits)
        sets = ", ".join(f"sets.{bit}" for bit in bits)
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {self.schema}.verdict AS WITH decided AS ({decided or empty}), ids AS ({ids}), "
            f"sets AS (SELECT DISTINCT {', '.join(bits)} FROM decided), named AS (SELECT {sets}, list(ids.rule_id ORDER BY ids.rule_id) "
            f"AS refusing FROM sets JOIN ids ON {set_bit} GROUP BY {sets}) "
            "SELECT decided.position, named.refusing IS NULL AS permitted, coalesce(named.refusing, []) AS refusing "
            f"FROM decided LEFT JOIN named ON {same}"
        )


def _adds(cap: ContactRule, channel: Channel, purpose: Purpose) -> bool:
    """Does a permitted proposal count against the cap?  Its outcome is not known, so it may have connected."""
    return (cap.classes is None or channel.contact_class in cap.classes) and (cap.purposes is None or purpose in cap.purposes)


PLANNED = ContactState.AMBIGUOUS
"""How a permitted proposal is read by the proposals after it."""
