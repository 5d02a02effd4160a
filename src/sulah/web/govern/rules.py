"""The rules in force on a day, as the day's run recorded them, each with its citation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.web.reach import Reach, page
from sulah.web.rulebook import values_of
from sulah.web.standing import chosen_run, rules_of, the_lender
from sulah.web.take_out import asks_for, taken_out


@page("rules")
def rules(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Policy rows in force for this lender's kind, by table."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    book = rules_of(run)
    tables = [(table, [{**row, "values": values_of(row)} for row in rows]) for table, rows in sorted(book.tables.items()) if rows]
    if asks_for(request, "rules"):
        columns = ("table", "rule_id", "lays_down", "citation", "note", "status", "confidence", "verify", "effective_from", "effective_to")
        listed = [
            {**row, "table": table, "lays_down": "; ".join(f"{name}: {value}" for name, value in row["values"])}
            for table, rows in tables
            for row in rows
        ]
        return taken_out(request, reach, "rules", run.as_of, columns, listed)
    context = {"run": run, "reach": reach, "tables": tables, "entity": the_lender().entity_type.value}
    return render(request, "rules.html", context)
