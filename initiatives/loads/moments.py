"""Moments of truth as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from accounts.loads import Change, LoadJob, Refusal, RowKind
from accounts.loads.refusing import lacking
from accounts.loads.taking import Key
from accounts.models import Load, User
from accounts.rights import Right
from core.keys import is_none
from core.loading import Column, Record
from core.loading.columns import code_in, text_in
from core.loading.rows import Row
from customers.models import Tier
from initiatives.loads.cells import CODES, INITIATIVES, KPIS, MOMENT_STAGE, ROLE, THEMES, parts
from initiatives.loads.lists import kpi_rows, replace_list, unknown_codes
from initiatives.loads.undoing import refuse_touched
from initiatives.models import Initiative, Moment, MomentKpi, MomentTheme
from initiatives.querysets import MOMENT_LISTS
from initiatives.rules.initiative import kpi_and_tier
from initiatives.rules.moments import OWNED, OWNERS_WORD_IT, MomentOutline, moment_problems
from kpis.models import Kpi

_LISTS = {"tiers": CODES, "kpis": KPIS, "themes": THEMES, "initiatives": INITIATIVES}


@dataclass(slots=True)
class _Kept:
    """What the lists of a batch may name: tiers with their scopes, KPIs and initiatives by code."""

    tiers: dict[str, str]
    kpis: set[str]
    initiatives: set[str]


class Moments(RowKind[_Kept]):
    """In which situations the customer's success is decided, and what stands behind each."""

    name = "moments"
    title = "Moments of truth"
    model = Moment
    row_right = Right.MANAGE_LINKS
    bulk_rights = (Right.MANAGE_LINKS, Right.PROPOSE_LINKS)
    columns = (
        Column("code", code_in(Moment), key=True),
        Column("name", text_in(Moment, "name")),
        Column("stage", MOMENT_STAGE),
        Column("role", ROLE),
        Column("tiers", CODES, optional=True),
        Column("criterion", text_in(Moment, "criterion"), optional=True),
        Column("kpis", KPIS, optional=True),
        Column("themes", THEMES, optional=True),
        Column("initiatives", INITIATIVES, optional=True),
        Column("customer_win", text_in(Moment, "customer_win"), optional=True),
        Column("our_win", text_in(Moment, "our_win"), optional=True),
    )

    @property
    def kept(self) -> list[Column]:
        """What it is linked to is kept in rows of its own."""
        return [column for column in self.columns if column.name not in _LISTS]

    def rows(self) -> QuerySet[Any]:
        """With what their cells join."""
        return super().rows().prefetch_related(*MOMENT_LISTS)

    def record(self, obj: Any) -> Record:
        """A stored row in the file's columns."""
        lists = {name: ";".join(found) for name, found in obj.lists.items()}
        found = super().record(obj) | {name: _LISTS[name].clean(text) for name, text in lists.items()}
        return {column.name: found[column.name] for column in self.columns}

    def extras(self, job: LoadJob | None) -> dict[str, Any]:
        """Which load brought it."""
        return {"load": job.load} if job else {}

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Kept:
        """What the lists of a batch may name."""
        named = {code for row in rows for code in parts(row.record.get("initiatives", ""))}
        return _Kept(
            dict(Tier.objects.values_list("code", "scope")),
            set(Kpi.objects.values_list("code", flat=True)),
            set(Initiative.objects.filter(code__in=named).values_list("code", flat=True)),
        )

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """The rules of a moment; what its lists name is there."""
        cells = {column.name: row.record.get(column.name, "") for column in self.columns}
        known, tiers = self.held(job), parts(cells["tiers"])
        links = [kpi_and_tier(part) for part in parts(cells["kpis"])]
        job.refuse_all(row, unknown_codes(tiers, links, known.tiers, known.kpis))
        missing = [code for code in parts(cells["initiatives"]) if code not in known.initiatives]
        job.refuse_all(row, [("initiatives", is_none(code, "initiative")) for code in missing])
        outline = MomentOutline(
            *(row.key[0], cells["criterion"], cells["customer_win"], cells["our_win"]),
            tiers=[(code, known.tiers[code]) for code in tiers if code in known.tiers],
            columns=[known.tiers[code] for _, code in links if code in known.tiers],
            themes=parts(cells["themes"]),
        )
        job.refuse_all(row, moment_problems(outline))

    def refusals(self, by: User, changes: list[Change]) -> Iterable[Refusal]:
        """An owner words the criterion of what is there, and nothing else."""
        if by.has_perm(self.row_right):
            return []
        if not by.has_perm(Right.PROPOSE_LINKS):
            return super().refusals(by, changes)
        return self._beyond_owners(changes)

    def _beyond_owners(self, changes: list[Change]) -> Iterator[Refusal]:
        for change in changes:
            if change.before is None or change.after is None:
                yield Refusal(change, lacking(self.row_right))
            elif beyond := [one.name for one in self.columns if change.differs(one.name) and one.name not in OWNED]:
                yield Refusal(change, OWNERS_WORD_IT, beyond[0])

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """Rows, and what they are linked to."""
        super().write(changes, stored, job)
        left = [change for change in changes if change.after is not None]
        ids = dict(Moment.objects.filter(code__in=[change.key[0] for change in left]).values_list("code", "pk"))
        _write_lists(left, ids)
        there = [ids[change.key[0]] for change in left if change.before is not None]
        Moment.objects.filter(pk__in=there).update(revision=F("revision") + 1)

    def refuse_changed_by_hand(self, load: Load, changes: list[Change], stored: dict[Key, Any]) -> None:
        """Also what went and came back."""
        super().refuse_changed_by_hand(load, changes, stored)
        refuse_touched(load, stored.values())


def _write_lists(changes: list[Change], ids: dict[str, int]) -> None:
    tiers = dict(Tier.objects.values_list("code", "pk"))
    kpis = dict(Kpi.objects.values_list("code", "pk"))
    named = {code for change in changes for code in parts((change.after or {})["initiatives"])}
    initiatives = dict(Initiative.objects.filter(code__in=named).values_list("code", "pk"))
    own, of_tiers, of_work = "moment_id", Moment.tiers.through, Moment.initiatives.through
    replace_list(of_tiers, own, changes, ids, "tiers", lambda cell: ({"tier_id": tiers[c]} for c in parts(cell)))
    replace_list(MomentKpi, own, changes, ids, "kpis", lambda cell: kpi_rows(cell, kpis, tiers))
    replace_list(MomentTheme, own, changes, ids, "themes", lambda cell: ({"theme": one} for one in parts(cell)))
    replace_list(
        of_work, own, changes, ids, "initiatives", lambda c: ({"initiative_id": initiatives[i]} for i in parts(c))
    )
