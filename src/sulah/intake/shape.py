"""From a lender's text to typed columns: SQL made from the contract and the mapping, one pass over the rows.

Three layers: the lender's text trimmed (`g_`), the text after terms are translated (`t_`), the typed value (its book name).
`bad` says that at least one check of the row failed; the checks are asked one by one only for rows that are bad.
A cell written the plain way (1234.50, 2026-03-31, 12) is read from the raw text (`r_`) without trimming or patterns: what a plain
cell holds is found by writing the value out again, and only other cells take the long way.  Both ways give the same value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sulah.contracts.shape import Column, Kind, Table
from sulah.intake.mapping import OTHERS, UNITS, TableMapping
from sulah.intake.native import stored_name, taken_over
from sulah.intake.row_checks import SPOILS, row_checks

_ISO_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
_GROUPED = r"-?[0-9]{1,2}(,[0-9]{2})*,[0-9]{3}([.][0-9]+)?"
_POSITIVE = {"loan.principal", "repayment.amount", "promise.amount", "bounce.amount", "collection.amount"}
_AT_LEAST = {"instalment.number": 1, "loan.instalment_count": 0, "loan.lms_dpd": 0, "contact.duration_seconds": 0}
_MANGLED = "[0-9]([.,][0-9]+)?[Ee][+][0-9]+|[0-9][.,][0-9]+[Ee][0-9]+"
"""An id that a spreadsheet wrote as a power of ten; an honest id such as 1E15 has neither point nor plus."""
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
    """One check of a row: when the condition holds, the field has the code.

    spoils: a cheaper condition for the mark `bad`, which holds whenever this check's does and only where some check's does;
    empty: another check's covers it.
    """

    field: str
    code: str
    condition: str
    spoils: str | None = None


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
        asked = [check.condition if check.spoils is None else check.spoils for check in self.checks]
        bad = " OR ".join(f"({condition})" for condition in asked if condition) or "false"
        return f"SELECT {first_id} + n AS row_id, {columns}, coalesce({bad}, false) AS bad FROM {self.typed}"

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


def shape_of(
    table: Table, mapping: TableMapping, header: Sequence[str], relation: str, as_of: str, native: Mapping[str, str] | None = None
) -> Shape:
    """The SQL that shapes one file: relation must give __row and the lender's columns of the header as text; as_of is ISO.

    native: the engine's type of the lender's columns that the relation also gives as they are stored.

    A contract column that the file lacks is empty; a required one must have been refused before.
    """
    columns = table.columns
    plain = {column.source: mapping.lender_columns(column.source)[0] for column in columns if _is_plain(column, mapping, header)}
    quick = {column.source: _quick(column, plain[column.source], native or {}) for column in columns if column.source in plain}
    cells = [f"{quick[source].cell} AS {quoted('r_' + source)}" for source in plain]
    raw = ", ".join([*cells, *(f"{_given(column, mapping, header)} AS {quoted('g_' + column.source)}" for column in columns)])
    said = ", ".join(
        f"{_translated(column, mapping, quoted('g_' + column.source))} AS {quoted('t_' + column.source)}" for column in columns
    )
    kept = ", ".join([*(quoted("r_" + source) for source in plain), *(quoted("g_" + column.source) for column in columns)])
    values = ", ".join(f"{_read(column, mapping, quick.get(column.source))} AS {quoted(column.name)}" for column in columns)
    texts = f"SELECT __row AS n, {raw} FROM {relation}"
    terms = f"SELECT n, {kept}, {said} FROM ({texts})"
    pass_on = ", ".join(quoted("t_" + column.source) for column in columns)
    typed = f"(SELECT n, {kept}, {pass_on}, {values} FROM ({terms}))"
    given = [column for column in columns if _present(column, mapping, header)]
    checks = [check for column in given for check in _checks(table, column, quick.get(column.source))]
    crossed = [Check(field, code, condition, SPOILS.get(code)) for field, code, condition in row_checks(table.name, as_of)]
    return Shape(table, typed, (*checks, *crossed))


def _present(column: Column, mapping: TableMapping, header: Sequence[str]) -> bool:
    return column.source in mapping.constants or all(name in header for name in mapping.lender_columns(column.source))


def _is_plain(column: Column, mapping: TableMapping, header: Sequence[str]) -> bool:
    """Is the column one of the lender's own, to be read as the contract writes it?"""
    source, names = column.source, mapping.lender_columns(column.source)
    changed = source in mapping.constants or source in mapping.codes or source in mapping.formats
    unit = UNITS[mapping.units.get(source, "rupees")] if column.kind is Kind.PAISE else 0
    return column.kind in _QUICK and len(names) == 1 and names[0] in header and not changed and unit == 0


def _trimmed(cell: str) -> str:
    """The text of a cell without spaces around it, none when nothing is left; most cells are ASCII without any, and stay as they are."""
    around = f"{cell} LIKE ' %' OR {cell} LIKE '% ' OR {cell} = '' OR strlen({cell}) <> length({cell})"
    return f"CASE WHEN {around} THEN nullif(trim({cell}), '') ELSE {cell} END"


def _given(column: Column, mapping: TableMapping, header: Sequence[str]) -> str:
    if not _present(column, mapping, header):
        return "CAST(NULL AS VARCHAR)"
    names = mapping.lender_columns(column.source)
    if not all(name in header for name in names) or (column.source in mapping.constants and column.source not in mapping.columns):
        return text(mapping.constants[column.source])
    said = " || '-' || ".join(f"({_trimmed(quoted(name))})" for name in names)
    fallback = mapping.constants.get(column.source)
    return f"coalesce({said}, {text(fallback)})" if fallback is not None else said


def _translated(column: Column, mapping: TableMapping, given: str) -> str:
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
    if column.one_of:
        return f"CASE WHEN {given} IN ({', '.join(text(str(term)) for term in column.one_of)}) THEN {given} ELSE lower({given}) END"
    return f"lower({given})" if column.kind is Kind.TRUTH else given


_QUICK = {
    Kind.PAISE: "WHEN CAST(TRY_CAST({0} AS DECIMAL(15, 2)) AS VARCHAR) = {0} THEN CAST(TRY_CAST({0} AS DECIMAL(15, 2)) * 100 AS BIGINT) "
    "WHEN strlen({0}) <= 15 AND CAST(TRY_CAST({0} AS BIGINT) AS VARCHAR) = {0} THEN CAST({0} AS BIGINT) * 100",
    Kind.DATE: "WHEN {0} LIKE '____-__-__' AND {0} NOT LIKE ' %' AND {0} NOT LIKE '% ' THEN TRY_CAST({0} AS DATE)",
    Kind.MOMENT: "WHEN CAST(TRY_CAST({0} AS TIMESTAMP) AS VARCHAR) = {0} THEN TRY_CAST({0} AS TIMESTAMP)",
    Kind.INTEGER: "WHEN strlen({0}) <= 9 AND CAST(TRY_CAST({0} AS INTEGER) AS VARCHAR) = {0} THEN CAST({0} AS INTEGER)",
}
"""The value of a plainly written cell.  Longer numbers take the long way, so nothing here can overflow."""


@dataclass(frozen=True, slots=True)
class _Quick:
    """The quick way of a plain column.

    cell: the lender's column, as text or as it is stored; whens: its values that need no more; bare: what else it says, as text.
    """

    cell: str
    whens: str
    bare: str


def _quick(column: Column, name: str, native: Mapping[str, str]) -> _Quick:
    cell = quoted("r_" + column.source)
    stored = taken_over(column.kind, native[name], cell) if name in native else None
    if stored is not None:
        return _Quick(quoted(stored_name(name)), stored, f"CAST({cell} AS VARCHAR)")
    return _Quick(quoted(name), _QUICK[column.kind].format(cell), f"nullif(trim({cell}), '')")


def _read(column: Column, mapping: TableMapping, quick: _Quick | None) -> str:
    """The value of a column: the quick way where the cell is plainly written, else the long way."""
    if quick is None:
        return _value(column, mapping, quoted("t_" + column.source))
    slow = _value(column, mapping, f"({_translated(column, mapping, f'({quick.bare})')})")
    return f"CASE {quick.whens} WHEN {quoted('r_' + column.source)} IS NOT NULL THEN {slow} END"


def _amount_pattern(column: Column, mapping: TableMapping) -> str:
    decimals = 2 + UNITS[mapping.units.get(column.source, "rupees")]
    if column.source in mapping.rounding:
        return r"-?[0-9]{1,15}([.][0-9]+)?"
    return r"-?[0-9]{1,15}" + (f"([.][0-9]{{1,{decimals}}})?" if decimals else "")


def _value(column: Column, mapping: TableMapping, said: str) -> str:
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


def _checks(table: Table, column: Column, quick: _Quick | None) -> list[Check]:
    said, value, source = quoted("t_" + column.source), quoted(column.name), column.source
    unread, spoils = f"{said} IS NOT NULL AND {value} IS NULL", None
    found: list[Check] = []
    if quick:  # a required cell without a value is missing or unread; an optional one is asked only where there is no value
        cell = quoted("r_" + source)
        spoils = "" if column.required else f"CASE WHEN {value} IS NULL AND {cell} IS NOT NULL THEN {quick.bare} IS NOT NULL ELSE false END"
    if column.required:
        found.append(Check(source, "required_missing", f"{said} IS NULL", f"{value} IS NULL" if quick else None))
    match column.kind:
        case Kind.PAISE:
            finer = f"regexp_full_match({said}, '-?[0-9]{{1,15}}[.][0-9]+')"
            found.append(Check(source, "amount_too_precise", f"{unread} AND {finer}", unread if spoils is None else spoils))
            found.append(Check(source, "amount_unreadable", f"{unread} AND NOT {finer}", ""))
            found.append(Check(source, "amount_not_positive", f"{value} {'<=' if f'{table.name}.{source}' in _POSITIVE else '<'} 0"))
        case Kind.DATE | Kind.MOMENT:
            first = 1900 if source == "born_on" else 1950
            found.append(Check(source, "date_unreadable", unread, spoils))
            found.append(Check(source, "date_out_of_range", f"{value} < DATE '{first}-01-01' OR {value} >= DATE '2101-01-01'"))
        case Kind.INTEGER | Kind.DECIMAL:
            found.append(Check(source, "number_unreadable", unread, spoils))
            least = _AT_LEAST.get(f"{table.name}.{source}")
            found += [] if least is None else [Check(source, "number_out_of_range", f"{value} < {least}")]
        case Kind.TRUTH:
            found.append(Check(source, "term_unknown", unread))
        case Kind.TEXT:
            if column.one_of:
                terms = ", ".join(text(str(term)) for term in column.one_of)
                found.append(Check(source, "term_unknown", f"{said} NOT IN ({terms})"))
            if source.endswith("_id"):
                likely = f"contains({said}, 'E+') OR contains({said}, 'e+') OR contains({said}, '.') OR contains({said}, ',')"
                mangled = f"CASE WHEN {said} < ':' AND ({likely}) THEN regexp_full_match({said}, {text(_MANGLED)}) ELSE false END"
                found.append(Check(source, "ids_mangled", mangled))
    return found
