"""What there is to work: today's open items, or for a past day the list as it was published that day."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from sulah.adapters.book.published import CONTENT
from sulah.adapters.book.reader import Day, Row, clause_of, equals
from sulah.records.dayrun import DayRun
from sulah.records.workitem import WorkItem
from sulah.web.reach import Reach

FILTERS = {"branch": "branch_id", "stage": "stage", "worked_by": "worked_by", "officer": "officer_id"}
"""What a list may be filtered by, as the address names it, with its column."""
Cursor = tuple[str, int, str]
"""Where a page ended: work order (rank on a past day), key and branch."""


class Work(Protocol):
    """One day's people to work, within a reader's reach."""

    def choices(self) -> dict[str, list[str]]:
        """The values of each filter."""

    def count(self, chosen: Mapping[str, str]) -> int:
        """How many people the filters leave."""

    def items(self, chosen: Mapping[str, str], after: Cursor | None, limit: int) -> list[Row]:
        """The items by branch in working order, after the cursor; each says its content and its `pk`, which is 0 on a past day."""

    def item_of(self, borrower_id: str) -> Row | None:
        """The item of one person."""


def cursor_of(text: str) -> Cursor | None:
    """The cursor `order~id~branch` of an address; None for a text that is none."""
    order, _, rest = text.partition("~")
    key, found, branch = rest.partition("~")
    if not (found and order.isascii() and order.isdigit() and key.isascii() and key.isdigit() and len(order) < 25 and len(key) < 18):
        return None
    return order, int(key), branch


def is_past(run: DayRun) -> bool:
    """Has a later day run?  Then today's open items say nothing about this one."""
    return DayRun.objects.filter(as_of__gt=run.as_of).exists()


def work_of(run: DayRun, day: Day, reach: Reach) -> Work:
    """The work of a run's day."""
    return PublishedWork(day, reach) if is_past(run) else OpenWork(run.as_of, reach)


class OpenWork:
    """The open items, as they stand now."""

    def __init__(self, as_of: date, reach: Reach) -> None:
        """Those of the branches within reach; as_of is the day of which days past due are told."""
        self._as_of = as_of
        found = WorkItem.objects.filter(closed_on=None)
        self._all = found if reach.branches is None else found.filter(branch_id__in=reach.branches)

    def _chosen(self, chosen: Mapping[str, str]) -> QuerySet[WorkItem]:
        return self._all.filter(**{FILTERS[name]: value for name, value in chosen.items()})

    def choices(self) -> dict[str, list[str]]:
        """The values of each filter."""
        return {name: sorted(set(self._all.values_list(column, flat=True)) - {""}) for name, column in FILTERS.items()}

    def count(self, chosen: Mapping[str, str]) -> int:
        """How many people the filters leave."""
        return self._chosen(chosen).count()

    def items(self, chosen: Mapping[str, str], after: Cursor | None, limit: int) -> list[Row]:
        """By key and not by offset, so that a change in between skips nobody."""
        found = self._chosen(chosen)
        if after is not None:
            order, key, branch = after
            same_order = Q(branch_id=branch, work_order=order, pk__gt=key)
            found = found.filter(Q(branch_id__gt=branch) | Q(branch_id=branch, work_order__gt=order) | same_order)
        return [self._row(item) for item in found.order_by("branch_id", "work_order", "pk")[:limit]]

    def item_of(self, borrower_id: str) -> Row | None:
        """The item of one person."""
        item = self._all.filter(borrower_id=borrower_id).first()
        if item is None:
            return None
        before = self._all.filter(branch_id=item.branch_id, work_order__lt=item.work_order).count()
        return {**self._row(item), "rank": before + 1}

    def _row(self, item: WorkItem) -> Row:
        content = {name: getattr(item, name) for name in CONTENT}
        dpd = (self._as_of - item.overdue_since).days + 1
        return {
            **content,
            "borrower_id": item.borrower_id,
            "dpd": dpd,
            "cursor": item.work_order,
            "pk": item.pk,
            "opened_on": item.opened_on,
        }


class PublishedWork:
    """The worklist that a past run wrote; a rank stands once in a branch, so branch and rank are the key."""

    def __init__(self, day: Day, reach: Reach) -> None:
        """The rows of the branches within reach."""
        self._day, self._reach = day, reach

    def _where(self, chosen: Mapping[str, str]) -> tuple[str, list[Any]]:
        picked = (equals(FILTERS[name], value) for name, value in chosen.items())
        return clause_of("worklist", (*self._reach.conditions(), *picked))

    def choices(self) -> dict[str, list[str]]:
        """The values of each filter."""
        clause, params = self._where({})
        found = {}
        for name, column in FILTERS.items():
            rows = self._day.query(f"SELECT DISTINCT {column} AS value FROM worklist{clause}", params, "worklist")
            found[name] = sorted({str(row["value"]) for row in rows if row["value"]})
        return found

    def count(self, chosen: Mapping[str, str]) -> int:
        """How many people the filters leave."""
        clause, params = self._where(chosen)
        return int(self._day.query(f"SELECT count(1) AS people FROM worklist{clause}", params, "worklist")[0]["people"])

    def items(self, chosen: Mapping[str, str], after: Cursor | None, limit: int) -> list[Row]:
        """The rows by branch and rank; people without a branch come first, as in the open items."""
        clause, params = self._where(chosen)
        if after is not None and len(after[0]) < 10:  # a rank: no branch has more people
            rank, _, branch = after
            further = "(coalesce(branch_id, '') > ? OR (coalesce(branch_id, '') = ? AND rank > ?))"
            clause += f"{' AND' if clause else ' WHERE'} {further}"
            params += [branch, branch, int(rank)]
        listed = ", ".join(("borrower_id", "rank", "dpd", *CONTENT))
        order = "ORDER BY coalesce(branch_id, ''), rank LIMIT ?"
        rows = self._day.query(f"SELECT {listed} FROM worklist{clause} {order}", [*params, limit], "worklist")
        return [_published(row) for row in rows]

    def item_of(self, borrower_id: str) -> Row | None:
        """The item of one person."""
        row = self._day.one("worklist", where=(equals("borrower_id", borrower_id), *self._reach.conditions()))
        return _published(row) if row else None


def _published(row: Row) -> Row:
    content = {name: "" if row[name] is None else row[name] for name in ("borrower_id", "rank", "dpd", *CONTENT)}
    return {**content, "cursor": row["rank"], "pk": 0, "opened_on": None}
