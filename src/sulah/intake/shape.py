"""From a lender's text to typed columns: SQL made from the contract and the mapping, one pass over the rows.

Three layers: the lender's text trimmed (`g_`), the text after terms are translated (`t_`), the typed value (its book name).
`bad` says that at least one check of the row failed; the checks are asked one by one only for rows that are bad.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sulah.contracts.shape import Column, Kind, Table
from sulah.intake.mapping import OTHERS, UNITS, TableMapping
from sulah.intake.row_checks import row_checks

_ISO_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
_GROUPED = r"-?[0-9]{1,2}(,[0-9]{2})*,[0-9]{3}([.][0-9]+)?"
_POSITIVE = {"loan.principal", "repayment.amount", "promise.amount", "bounce.amount", "collection.amount"}
_AT_LEAST = {"instalment.number": 1, "loan.instalment_count": 0, "loan.lms_dpd": 0, "contact.duration_seconds": 0}
_TRUE, _FALSE = ("true", "yes", "y", "t", "1"), ("false", "no", "n", "f", "0")
INDIA = "INTERVAL 330 MINUTE"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a row: when the condition holds, the field has the code."""

    field: str
    code: str
    condition: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The SQL of one table from one file.

    typed: a relation with n (row in the file), g_ texts and typed columns; checks: in order; columns: book names of the table.
    """

    table: Table
    typed: str
    checks: tuple[Check, ...]

    def rows(self, first_id: int) -> str:
        """SELECT of row_id (first_id + row), the typed columns, and bad."""
        columns = ", ".join(quoted(name) for name in self.table.names)
        bad = " OR ".join(f"coalesce({check.condition}, false)" for check in self.checks)
        return f"SELECT {first_id} + n AS row_id, {columns}, ({bad}) AS bad FROM {self.typed}"

    def findings(self, wanted: str) -> str:
        """SELECT of n, field, code for the rows whose n is in the relation wanted(n)."""
        cases = ", ".join(
            f"CASE WHEN {check.condition} THEN {{'field': {text(check.field)}, 'code': {text(check.code)}}} END" for check in self.checks
        )
        inner = f"SELECT n, unnest([{cases}]) AS found FROM {self.typed} WHERE n IN (SELECT n FROM {wanted})"
        return f"SELECT n, found.field AS field, found.code AS code FROM ({inner}) WHERE found IS NOT NULL"

    def given(self, wanted: str) -> str:
        """SELECT of n and the row as the lender gave it (JSON, contract names) for the rows in wanted(n)."""
        parts = ", ".join(f"{text(column.source)}: {quoted('g_' + column.source)}" for column in self.table.columns)
        return f"SELECT n, CAST(to_json({{{parts}}}) AS VARCHAR) AS given FROM {self.typed} WHERE n IN (SELECT n FROM {wanted})"


def shape_of(table: Table, mapping: TableMapping, header: Sequence[str], relation: str, as_of: str) -> Shape:
    """The SQL that shapes one file: relation must give __row and the lender's columns of the header as text; as_of is ISO.

    A contract column that the file lacks is empty; a required one must have been refused before.
    """
    columns = table.columns
    raw = ", ".join(f"{_given(column, mapping, header)} AS {quoted('g_' + column.source)}" for column in columns)
    said = ", ".join(f"{_translated(column, mapping)} AS {quoted('t_' + column.source)}" for column in columns)
    kept = ", ".join(quoted("g_" + column.source) for column in columns)
    values = ", ".join(f"{_value(column, mapping)} AS {quoted(column.name)}" for column in columns)
    texts = f"SELECT __row AS n, {raw} FROM {relation}"
    terms = f"SELECT n, {kept}, {said} FROM ({texts})"
    pass_on = ", ".join(quoted("t_" + column.source) for column in columns)
    typed = f"(SELECT n, {kept}, {pass_on}, {values} FROM ({terms}))"
    checks = [check for column in columns if _present(column, mapping, header) for check in _checks(table, column, mapping)]
    crossed = [Check(field, code, condition) for field, code, condition in row_checks(table.name, as_of)]
    return Shape(table, typed, (*checks, *crossed))


def _present(column: Column, mapping: TableMapping, header: Sequence[str]) -> bool:
    return column.source in mapping.constants or all(name in header for name in mapping.lender_columns(column.source))


def _given(column: Column, mapping: TableMapping, header: Sequence[str]) -> str:
    if not _present(column, mapping, header):
        return "CAST(NULL AS VARCHAR)"
    names = mapping.lender_columns(column.source)
    if not all(name in header for name in names) or (column.source in mapping.constants and column.source not in mapping.columns):
        return text(mapping.constants[column.source])
    said = " || '-' || ".join(f"nullif(trim({quoted(name)}), '')" for name in names)
    fallback = mapping.constants.get(column.source)
    return f"coalesce({said}, {text(fallback)})" if fallback is not None else said


def _translated(column: Column, mapping: TableMapping) -> str:
    given = quoted("g_" + column.source)
    terms = mapping.codes.get(column.source)
    if terms:
        own = f"lower({given})" if column.one_of or column.kind is Kind.TRUTH else given
        whens = " ".join(f"WHEN {given} = {text(theirs)} THEN {text(ours)}" for theirs, ours in terms.items() if theirs != OTHERS)
        ours = ", ".join(text(str(term)) for term in column.one_of)
        kept = f"WHEN {own} IN ({ours}) THEN {own}" if ours else ""
        others = f"WHEN {given} IS NOT NULL THEN {text(terms[OTHERS])}" if OTHERS in terms else ""
        return f"CASE {whens} {kept} {others} ELSE {own} END" if whens or kept or others else own
    if column.kind is Kind.PAISE and mapping.grouping == "indian":
        return f"CASE WHEN regexp_full_match({given}, {text(_GROUPED)}) THEN replace({given}, ',', '') ELSE {given} END"
    return f"lower({given})" if column.one_of or column.kind is Kind.TRUTH else given


def _amount_pattern(column: Column, mapping: TableMapping) -> str:
    decimals = 2 + UNITS[mapping.units.get(column.source, "rupees")]
    if column.source in mapping.rounding:
        return r"-?[0-9]{1,15}([.][0-9]+)?"
    return r"-?[0-9]{1,15}" + (f"([.][0-9]{{1,{decimals}}})?" if decimals else "")


def _value(column: Column, mapping: TableMapping) -> str:
    said = quoted("t_" + column.source)
    match column.kind:
        case Kind.PAISE:
            shift = 2 + UNITS[mapping.units.get(column.source, "rupees")]
            number = (
                f"CAST({said} AS DECIMAL(38, 12))"
                if column.source in mapping.rounding
                else f"CAST({said} AS DECIMAL({18 + shift}, {shift}))"
            )
            whole = f"CAST({number} * {10**shift} AS BIGINT)"
            return f"CASE WHEN regexp_full_match({said}, {text(_amount_pattern(column, mapping))}) THEN {whole} END"
        case Kind.DATE:
            return _date(said, mapping.formats.get(column.source))
        case Kind.MOMENT:
            return _moment(said, mapping.formats.get(column.source))
        case Kind.INTEGER:
            return f"CASE WHEN regexp_full_match({said}, '-?[0-9]{{1,9}}([.]0+)?') THEN CAST(CAST({said} AS DOUBLE) AS INTEGER) END"
        case Kind.DECIMAL:
            return f"CASE WHEN regexp_full_match({said}, '-?[0-9]{{1,12}}([.][0-9]+)?') THEN TRY_CAST({said} AS DECIMAL(18,6)) END"
        case Kind.TRUTH:
            return f"CASE WHEN {said} IN {_TRUE} THEN true WHEN {said} IN {_FALSE} THEN false END"
        case Kind.TEXT:
            return said


def _date(said: str, form: str | None) -> str:
    if form:
        return f"CAST({_parsed(said, form)} AS DATE)"
    moment = f"WHEN regexp_full_match({said}, {text(_ISO_MOMENT)}) THEN CAST(TRY_CAST({said} AS TIMESTAMP) AS DATE)"
    return f"CASE WHEN {said} LIKE '____-__-__' THEN TRY_CAST({said} AS DATE) {moment} END"


def _moment(said: str, form: str | None) -> str:
    if form:
        return _parsed(said, form)
    day = f"WHEN {said} LIKE '____-__-__' THEN CAST(TRY_CAST({said} AS DATE) AS TIMESTAMP)"
    return f"CASE WHEN regexp_full_match({said}, {text(_ISO_MOMENT)}) THEN TRY_CAST({said} AS TIMESTAMP) {day} END"


def _parsed(said: str, form: str) -> str:
    parsed = f"try_strptime({said}, {text(form)})"
    return f"(CAST({parsed} AS TIMESTAMP) + {INDIA})" if "%z" in form else parsed


def _checks(table: Table, column: Column, mapping: TableMapping) -> list[Check]:
    said, value, source = quoted("t_" + column.source), quoted(column.name), column.source
    unread = f"{said} IS NOT NULL AND {value} IS NULL"
    found: list[Check] = []
    if column.required:
        found.append(Check(source, "required_missing", f"{said} IS NULL"))
    match column.kind:
        case Kind.PAISE:
            finer = f"regexp_full_match({said}, '-?[0-9]{{1,15}}[.][0-9]+')"
            found.append(Check(source, "amount_too_precise", f"{unread} AND {finer}"))
            found.append(Check(source, "amount_unreadable", f"{unread} AND NOT {finer}"))
            found.append(Check(source, "amount_not_positive", f"{value} {'<=' if f'{table.name}.{source}' in _POSITIVE else '<'} 0"))
        case Kind.DATE | Kind.MOMENT:
            first = 1900 if source == "born_on" else 1950
            found.append(Check(source, "date_unreadable", unread))
            found.append(Check(source, "date_out_of_range", f"{value} < DATE '{first}-01-01' OR {value} >= DATE '2101-01-01'"))
        case Kind.INTEGER | Kind.DECIMAL:
            found.append(Check(source, "number_unreadable", unread))
            least = _AT_LEAST.get(f"{table.name}.{source}")
            found += [] if least is None else [Check(source, "number_out_of_range", f"{value} < {least}")]
        case Kind.TRUTH:
            found.append(Check(source, "term_unknown", unread))
        case Kind.TEXT:
            if column.one_of:
                terms = ", ".join(text(str(term)) for term in column.one_of)
                found.append(Check(source, "term_unknown", f"{said} NOT IN ({terms})"))
            if source.endswith("_id"):
                mangled = f"CASE WHEN contains({said}, 'E+') THEN regexp_full_match({said}, '[0-9]([.][0-9]+)?E[+][0-9]+') ELSE false END"
                found.append(Check(source, "ids_mangled", mangled))
    return found
