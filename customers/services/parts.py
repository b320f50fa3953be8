"""What this app keeps of customers, and how two customers' become one's: tiers, lives, questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from datetime import date
from typing import Any, ClassVar

from django.db import models

from accounts.models import Thread
from core.formatting import short_day
from core.registry import Move
from customers.choices import LifecycleKind
from customers.formulas import merged_life, merged_tiers
from customers.models import LifecycleEvent, TierMembership
from customers.reading.growth import ON_THE_BOOK
from customers.reading.moves import moves_between
from customers.reading.subjects import CUSTOMER
from customers.services.touches import touch_months

Kept = dict[str, Any]
_FOR_GOOD = 999901


def kept_row(row: models.Model) -> Kept:
    """A row's columns, as JSON holds them."""
    return {field.attname: field.value_to_string(row) for field in row._meta.concrete_fields} | {
        field.attname: None for field in row._meta.concrete_fields if getattr(row, field.attname) is None
    }


def row_again(model: type[models.Model], kept: Kept) -> Any:
    """The row that columns were kept of."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in kept.items()})


class _Days:
    """Rows by the day: all rows of both customers are replaced by those of one, and put back as they were."""

    name: ClassVar[str]
    noun: ClassVar[str]
    model: ClassVar[Any]
    day: ClassVar[str]

    def count(self, customer: Any) -> int:
        """How many rows."""
        return int(self.model.objects.filter(customer=customer).count())

    def move(self, merge: Any) -> Any:
        """Replace them; answers those before and those after."""
        mine, others = self._rows(merge.kept), self._rows(merge.gone)
        before = [kept_row(row) for row in (*mine, *others)]
        after = list(self.merged(merge, mine, others))
        self._write(merge, after)
        self.moved(merge, mine, after)
        return {"before": before, "after": [kept_row(row) for row in self._rows(merge.kept)]}

    def changed(self, merge: Any, moved: Any) -> Iterator[str]:
        """Rows that are others by now, and those that came."""
        now = {row.pk: row for row in self._rows(merge.kept)}
        then = {row.pk: row for row in (row_again(self.model, one) for one in moved["after"])}
        for pk in sorted(now.keys() | then.keys()):
            if pk not in now or pk not in then or kept_row(now[pk]) != kept_row(then[pk]):
                yield f"the {self.noun} of {short_day(getattr(now.get(pk) or then[pk], self.day))}"

    def move_back(self, merge: Any, moved: Any) -> None:
        """Each row as it was, with its number."""
        after = self._rows(merge.kept)
        before = [row_again(self.model, one) for one in moved["before"]]
        self._all(merge).delete()
        self.model.objects.bulk_create(before)
        self.moved(merge, after, [row for row in before if row.customer_id == merge.kept_id])

    def merged(self, merge: Any, mine: Sequence[Any], others: Sequence[Any]) -> Iterable[Any]:
        """The rows of the one that is kept."""
        raise NotImplementedError

    def moved(self, merge: Any, before: Sequence[Any], after: Sequence[Any]) -> None:
        """Called after each write, with the kept customer's rows before and after."""

    def _all(self, merge: Any) -> Any:
        return self.model.objects.filter(customer__in=[merge.kept_id, merge.gone_id])

    def _rows(self, customer: Any) -> list[Any]:
        return list(self.model.objects.filter(customer=customer).order_by(self.day))

    def _write(self, merge: Any, after: Sequence[Any]) -> None:
        self._all(merge).exclude(pk__in=[row.pk for row in after if row.pk]).delete()
        for row in after:
            row.save()


class Memberships(_Days):
    """The tier is the kept one's, the other's where that has none."""

    name, noun, model, day = "memberships", "tier membership", TierMembership, "starts_on"

    def merged(self, merge: Any, mine: Sequence[Any], others: Sequence[Any]) -> Iterator[TierMembership]:
        """The kept one's rows, with the other's tiers where they say none."""
        own = {row.starts_on: row for row in mine}
        for day, tier in merged_tiers(_tiers(mine), _tiers(others)).items():
            row = copy(own[day]) if day in own else TierMembership(customer=merge.kept, starts_on=day)
            row.tier_id = tier
            yield row

    def moved(self, merge: Any, before: Sequence[Any], after: Sequence[Any]) -> None:
        """The months in which the kept one counts in another tier are rolled up again."""
        moves = moves_between(merge.kept_id, _tiers(before), _tiers(after))
        touch_months((move.first, None if move.last > _FOR_GOOD else move.last) for move in moves)


def tier_moves(kept: int, gone: int) -> list[Move]:
    """Where the kept customer would count in another tier, month by month, if the other were merged into it."""
    lives = [list(TierMembership.objects.filter(customer=one).order_by("starts_on")) for one in (kept, gone)]
    return list(moves_between(kept, _tiers(lives[0]), merged_tiers(_tiers(lives[0]), _tiers(lives[1]))))


def _tiers(rows: Iterable[Any]) -> dict[date, int | None]:
    return {row.starts_on: row.tier_id for row in rows}


class Life(_Days):
    """On the book where either was."""

    name, noun, model, day = "events", "lifecycle event", LifecycleEvent, "on"

    def merged(self, merge: Any, mine: Sequence[Any], others: Sequence[Any]) -> Iterator[LifecycleEvent]:
        """The events by which they come and go as one; those of the kept one stay themselves where they still hold."""
        events = {row.on: row for row in (*others, *mine)}
        lives = [[(row.on, row.kind in ON_THE_BOOK) for row in rows] for rows in (mine, others)]
        for number, (day, on) in enumerate(merged_life(lives)):
            row = copy(events[day])
            kind = _kind(first=number == 0, on=on)
            if row.kind != kind or row.customer_id != merge.kept_id:
                row.pk = row.pk if row.customer_id == merge.kept_id else None
                row._state.adding = row.pk is None
                row.customer, row.kind = merge.kept, kind
            yield row


def _kind(*, first: bool, on: bool) -> LifecycleKind:
    if first:
        return LifecycleKind.JOINED
    return LifecycleKind.RETURNED if on else LifecycleKind.LEFT


class Questions:
    """What was asked about a customer, by its external id."""

    name, noun = "questions", "question"

    def count(self, customer: Any) -> int:
        """How many questions."""
        return Thread.objects.filter(kind=CUSTOMER, key=customer.external_id).count()

    def move(self, merge: Any) -> list[int]:
        """They are about the kept one; answers which."""
        asked = Thread.objects.filter(kind=CUSTOMER, key=merge.gone.external_id)
        moved = list(asked.order_by("pk").values_list("pk", flat=True))
        asked.update(key=merge.kept.external_id)
        return moved

    def changed(self, merge: Any, moved: list[int]) -> Iterator[str]:
        """Those that are about something else by now."""
        left = Thread.objects.filter(pk__in=moved, kind=CUSTOMER, key=merge.kept.external_id)
        yield from (f"question {pk}" for pk in sorted(set(moved) - set(left.values_list("pk", flat=True))))

    def move_back(self, merge: Any, moved: list[int]) -> None:
        """They are about the other again."""
        Thread.objects.filter(pk__in=moved).update(key=merge.gone.external_id)
