"""Phone numbers of borrowers: written one way (E.164) where they are valid, and judged; the numbers themselves stay in the vault.

The series: an Indian mobile number has ten digits and begins with 6 to 9; fixed lines begin with their area code, and ten digits
that begin with 1 to 5 are never mobile (National Numbering Plan, DoT 2003).  140 and 160 are series of callers, not of people.
"""

import re
from collections.abc import Mapping, Sequence

import duckdb

from sulah.adapters.engines.duck import literal
from sulah.adapters.lms.source import ROW_SPAN, Source
from sulah.intake.codes import CODES, words_of
from sulah.intake.load_report import CodeCount

MOST_BORROWERS = 5
"""Borrowers that one number may stand for: a household; beyond it is a shop's, an agent's or a made-up number."""
_COLUMNS = ("phone", "phone_2")
_MARKS = r"[ .()/-]"
_INDIAN = r"(?:\+91|0091|91|0)?"
_MOBILE = rf"{_INDIAN}[6-9][0-9]{{9}}"
_FIXED = r"(?:\+91|0091|91|0)?[1-5][0-9]{9}"
_WRITTEN_AS_FIXED = r"\(?(?:\+91[ -]?|0)[0-9]{2,4}\)?[ -][0-9]{6,8}"
_CALLERS = r"(?:\+91|0)?1[46]0[0-9]{7}"


def judge_phones(connection: duckdb.DuckDBPyConnection, settings: Mapping[str, object], sources: Sequence[Source]) -> list[CodeCount]:
    """Write the numbers of shaped_borrower one way, set their standing, and count what is wrong with them.

    Rows of an earlier load (plain sources) were written one way then: they keep their standing, but for whether it is shared.
    rest_phone (number, borrower_id) holds the numbers of people whose rows are not looked at again.

    [load] phone_borrowers says how many borrowers may share a number, staff_phones which numbers are the lender's own.
    """
    own = settings.get("load", {})
    given = own if isinstance(own, Mapping) else {}
    most = given.get("phone_borrowers", MOST_BORROWERS)
    staff = [str(number) for number in given.get("staff_phones", ()) or ()]
    judged = [source.first_id for source in sources if source.plain and source.table == "borrower"]
    before = " OR ".join(f"(row_id >= {low} AND row_id < {low + ROW_SPAN})" for low in judged) or "false"
    values = ", ".join(f"{column} = {written_one_way(column)}, {column}_standing = {_standing(column)}" for column in _COLUMNS)
    connection.execute(f"UPDATE shaped_borrower SET {values} WHERE (phone IS NOT NULL OR phone_2 IS NOT NULL) AND NOT ({before})")
    kept = ", ".join(f"{c}_standing = CASE WHEN {c}_standing = 'shared' THEN 'ok' ELSE {c}_standing END" for c in _COLUMNS)
    connection.execute(f"UPDATE shaped_borrower SET {kept} WHERE {before}")
    for column in _COLUMNS:
        unverified = f"{column}_standing = 'ok' AND {column} IN ({_shared(most, staff)})"
        connection.execute(f"UPDATE shaped_borrower SET {column}_standing = 'shared' WHERE {unverified}")
    return _counts(connection)


def _bare(text: str) -> str:
    return f"regexp_replace({text}, {literal(_MARKS)}, '', 'g')"


def written_one_way(column: str) -> str:
    """SQL of the number in E.164 where it is one, else as given."""
    number = f"regexp_full_match({_bare(column)}, {literal(f'{_MOBILE}|{_FIXED}')})"
    return f"CASE WHEN {number} THEN '+91' || right({_bare(column)}, 10) ELSE {column} END"


def one_way(number: str) -> str:
    """The number in E.164 where it is one, else as given: what `written_one_way` does in the engine.

    >>> one_way("098765 43210"), one_way("+91-44-2345-6789"), one_way("12")
    ('+919876543210', '+914423456789', '12')
    """
    bare = re.sub(_MARKS, "", number)
    return f"+91{bare[-10:]}" if re.fullmatch(f"{_MOBILE}|{_FIXED}", bare) else number


def _standing(column: str) -> str:
    """SQL of what a number is good for: ok, landline, invalid; none where there is no number."""
    bare = _bare(column)
    last = f"right({bare}, 10)"
    fixed = (
        f"regexp_full_match(trim({column}), {literal(_WRITTEN_AS_FIXED)}) AND regexp_full_match({bare}, {literal(_INDIAN + '[0-9]{10}')})"
    )
    made_up = f"{last} = repeat(left({last}, 1), 10) OR {last} = '9876543210'"
    return (
        f"CASE WHEN {column} IS NULL THEN NULL WHEN regexp_full_match({bare}, {literal(_CALLERS)}) OR {made_up} THEN 'invalid' "
        f"WHEN {fixed} THEN 'landline' WHEN regexp_full_match({bare}, {literal(_MOBILE)}) THEN 'ok' "
        f"WHEN regexp_full_match({bare}, {literal(_FIXED)}) THEN 'landline' ELSE 'invalid' END"
    )


def _shared(most: object, staff: list[str]) -> str:
    """SQL of the numbers that stand for too many borrowers, or are the lender's own."""
    listed = " UNION ALL ".join(f"SELECT {column} AS number, borrower_id FROM shaped_borrower" for column in _COLUMNS)
    listed += " UNION ALL SELECT number, borrower_id FROM rest_phone"
    limit = most if isinstance(most, int) and not isinstance(most, bool) else MOST_BORROWERS
    many = f"SELECT number FROM ({listed}) WHERE number IS NOT NULL GROUP BY number HAVING count(DISTINCT borrower_id) > {limit}"
    known = ", ".join(f"({literal(number)})" for number in staff)
    return f"{many} UNION ALL SELECT {written_one_way('v.number')} FROM (VALUES {known}) v(number)" if known else many


def _counts(connection: duckdb.DuckDBPyConnection) -> list[CodeCount]:
    standing = " UNION ALL ".join(f"SELECT {column}_standing AS standing, borrower_id FROM good_borrower" for column in _COLUMNS)
    read = connection.execute(
        f"SELECT standing, count(*), min(borrower_id) FROM ({standing}) WHERE standing <> 'ok' GROUP BY standing ORDER BY standing"
    ).fetchall()
    codes = [(CODES[f"phone_{name}"], int(count), f"borrower {first}") for name, count, first in read]
    return [CodeCount("borrower", known.code, known.severity, count, words_of(known.code), first) for known, count, first in codes]
