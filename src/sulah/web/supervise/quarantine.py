"""Rows that were refused: how many, by file and code, what to do about each, and the rows themselves for those who may see them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.reader import Condition, Row, RowSource, clause_of, equals
from sulah.records.load import Load
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.people import cells_for
from sulah.web.reach import Reach, page
from sulah.web.standing import the_lender
from sulah.web.take_out import asks_for, taken_out

FILTERS = ("table_name", "file", "code")


def counted(rows: RowSource, where: tuple[Condition, ...]) -> list[Row]:
    """Findings by table, file, code and severity, with the words of one of them; most first."""
    clause, params = clause_of("quarantine", where)
    sql = (
        "SELECT table_name, file, code, severity, min(words) AS words, CAST(count(*) AS BIGINT) AS findings, "
        "CAST(count(DISTINCT row) AS BIGINT) AS refused_rows, CAST(coalesce(sum(amount_paise), 0) AS BIGINT) AS amount_paise "
        f"FROM quarantine{clause} GROUP BY table_name, file, code, severity ORDER BY findings DESC, table_name, file, code LIMIT 200"
    )
    return rows.query(sql, params, "quarantine")


def chosen_load(request: HttpRequest) -> Load | None:
    """The load of ?load=, else the latest; 404 for one that does not exist."""
    asked = request.GET.get("load")
    if not asked:
        return Load.objects.order_by("-as_of", "-version").first()
    found = Load.objects.filter(pk=asked).first()
    if found is None:
        raise Http404("No such load.")
    return found


@page("quarantine")
def quarantine(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Quarantine of one load.  A refused row has no sure branch, so rows are for those who see the whole lender; others see the counts."""
    load = chosen_load(request)
    if load is None:
        return render(request, "book_empty.html", {"reach": reach})
    with RowSource(the_lender(), load) as rows:
        where = tuple(equals(name, request.GET[name]) for name in FILTERS if request.GET.get(name))
        if asks_for(request, "quarantine"):
            columns = ("table_name", "file", "code", "severity", "findings", "refused_rows", "amount_paise")
            return taken_out(request, reach, "quarantine", load.as_of, columns, counted(rows, where))
        context = {
            "load": load,
            "reach": reach,
            "loads": Load.objects.order_by("-as_of", "-version").values_list("pk", flat=True)[:40],
            "files": [file for file in load.files.order_by("table", "name") if file.quarantined],
            "groups": counted(rows, where),
            "asked": [(name, request.GET[name]) for name in FILTERS if request.GET.get(name)],
        }
        if reach.whole_lender:
            sheet = sheet_of(request, rows.count("quarantine", where=where))
            order = ("table_name", "file", "row", "field", "code")
            found = rows.rows("quarantine", where=where, order=order, limit=PAGE_ROWS, offset=sheet.offset)
            given = cells_for(found, load=load, reach=reach)
            context |= {"sheet": sheet, "rows": [{**row, "given": cells} for row, cells in zip(found, given, strict=True)]}
        return render(request, "quarantine.html", context)
