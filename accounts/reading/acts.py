"""The audit in words: entries as lines of acts, each with what it changed from what to what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from accounts.models import AuditEntry, Load, User
from accounts.reading.audit import show_entries
from accounts.reading.audit_values import Names, Wording, names_in
from core.formatting import counted, sentence_list
from core.records import Told, told_of

UNFOLDED = 5  # parts of an act that its line unfolds to
_SHOWN = 6  # fields that a line names
_NEAR = 6  # entries behind the first of an act among which its first parts are
_QUIET = frozenset({"reason", "load", "file"})


@dataclass(frozen=True, slots=True)
class Changed:
    """A field in product words, before and after; empty where there was nothing. Some values need no ``name``."""

    name: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """``Due: 30 September 2026 → 31 October 2026``; ``8.3 → 8.5``."""
        change = f"{self.before or '–'} → {self.after or '–'}"
        return f"{self.name}: {change}" if self.name else change


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry in words. ``about`` is what it is called today, else then; ``url`` its page, or empty."""

    entry: AuditEntry
    thing: str
    about: str
    url: str
    changes: tuple[Changed, ...]
    reason: str

    @property
    def who(self) -> str:
        """``Ines Moreau``; ``the command line or a worker``."""
        return str(self.entry.by) if self.entry.by else "the command line or a worker"

    @property
    def way(self) -> str:
        """``by token tb_1a2b… (Reporting), from 10.0.0.7``; ``in the browser, session 3f2a…``."""
        entry = self.entry
        token = f"by token {entry.token.prefix}… ({entry.token.name})" if entry.token else ""
        session = f"in the browser, session {entry.session[:8]}" if entry.session else ""
        way = token or session or entry.get_via_display().lower()
        return ", ".join(part for part in (way, f"from {entry.address}" if entry.address else "") if part)

    @property
    def words(self) -> str:
        """``changed initiative Portal``: what was done to what."""
        return f"{self.entry.verb} {self.name}"

    @property
    def name(self) -> str:
        """``target of Gold, Q3 2026``: what it is, by name."""
        return self.about if self.about.lower().startswith(self.thing.lower()) else f"{self.thing} {self.about}"

    @property
    def lines(self) -> list[str]:
        """``Due: 30 September 2026 → 31 October 2026``, each change of what was there before."""
        return [one.words for one in self.changes]

    @property
    def line(self) -> str:
        """``approved target of Gold, Q3 2026: 8.3 → 8.5``: what was done, and what that changed of what was there."""
        shown = self.lines[:_SHOWN] if self.changed else []
        more = len(self.changes) - _SHOWN if shown else 0
        told = "; ".join([*shown, *([f"{counted(more, 'more field')}"] if more > 0 else [])])
        return f"{self.words}{f': {told}' if told else ''}"

    @property
    def changed(self) -> bool:
        """Whether it changed something that was there before, and is there after."""
        return bool(self.entry.before) and bool(self.entry.after)

    @property
    def object(self) -> str:
        """What an address of the audit calls the object."""
        return f"{self.entry.object_type}:{self.entry.object_id}"


@dataclass(frozen=True, slots=True)
class ToldAct:
    """A line of the audit: one act with its entry, and the first of its other ``parts``; ``sums`` say all of it."""

    first: ToldEntry
    parts: tuple[ToldEntry, ...] = ()
    sums: str = ""
    count: int = 1

    @property
    def more(self) -> int:
        """How many parts are not unfolded."""
        return self.count - 1 - len(self.parts)


def tell_acts(entries: Iterable[AuditEntry], reader: User) -> list[ToldAct]:
    """Lines for entries that begin acts: a constant number of queries, however many there are."""
    first = list(entries)
    sums = _sums([entry.pk for entry in first])
    parts = [part for own in _by_act(_parts(sums)).values() for part in own]
    told = {one.entry.pk: one for one in tell([*first, *parts], reader)}
    return [_act(told[entry.pk], [told[part.pk] for part in parts if part.act == entry.pk], sums) for entry in first]


def _by_act(parts: Iterable[AuditEntry]) -> dict[int | None, list[AuditEntry]]:
    """As many parts of each act as its line unfolds to, and those that name a load."""
    found: dict[int | None, list[AuditEntry]] = defaultdict(list)
    for part in parts:
        if len(found[part.act]) < UNFOLDED or part.object_type == Load._meta.label_lower:
            found[part.act].append(part)
    return found


def _act(first: ToldEntry, parts: list[ToldEntry], sums: Mapping[int, Counter[tuple[str, str]]]) -> ToldAct:
    counts = sums.get(first.entry.pk, Counter())
    if not counts:
        return ToldAct(first)
    counts = counts + Counter({(first.entry.verb, first.entry.object_type): 1})
    load = Load._meta.label_lower
    spoken = (f"{verb} {_several(kind, count)}" for (verb, kind), count in counts.items() if kind != load)
    line = next((one for one in [first, *parts] if one.entry.object_type == load), None)
    said = sentence_list(spoken)
    return ToldAct(
        first,
        tuple(parts[:UNFOLDED]),
        f"{line.words}: {said}" if line else said,
        counts.total(),
    )


def _several(kind: str, count: int) -> str:
    told = kind_of(kind)
    return counted(count, told.thing, told.things)


def kind_of(object_type: str) -> Told:
    """How entries of a kind of object are told; by its model's name where nobody says."""
    if found := told_of(object_type):
        return found
    try:
        return Told(str(apps.get_model(object_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return Told(object_type)


def _parts(acts: Collection[int]) -> list[AuditEntry]:
    """The first parts of each act, and of a load the entry that names it: one query.

    Parts are written one after another: what stands far behind the first entry is not among the first.
    """
    near = Q(object_type=Load._meta.label_lower, act__in=acts)
    for act in acts:
        near |= Q(act=act, pk__gt=act, pk__lte=act + _NEAR)
    return list(with_people(AuditEntry.objects.filter(near).order_by("pk"))) if acts else []


def _sums(acts: Collection[int]) -> dict[int, Counter[tuple[str, str]]]:
    """How many parts each act has, by verb and kind: one query."""
    rows = AuditEntry.objects.filter(act__in=acts).order_by("act", "object_type", "verb")
    found: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for act, kind, verb, count in rows.values_list("act", "object_type", "verb").annotate(count=Count("pk")):
        found[act][verb, kind] = count
    return found


def with_people(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """With who did it, and by which token."""
    return entries.select_related("by", "token")


def tell(entries: Sequence[AuditEntry], reader: User) -> list[ToldEntry]:
    """Entries in words, people and customers by the names of today: queries by kinds of objects, not by entries."""
    shown = show_entries(entries, reader)
    rows = {kind: _rows(kind, entries, reader) for kind in {entry.object_type for entry in entries}}
    names = names_in(entries)
    return [_told(one.entry, one.label, one.before, one.after, rows[one.entry.object_type], names) for one in shown]


def _rows(kind: str, entries: Iterable[AuditEntry], reader: User) -> Mapping[str, tuple[str, str]]:
    """What the objects of a kind are called today, and where they stand."""
    read = kind_of(kind).rows
    return read({one.object_id for one in entries if one.object_type == kind}, reader) if read else {}


def _told(
    entry: AuditEntry, label: str, before: Any, after: Any, rows: Mapping[str, tuple[str, str]], names: Names
) -> ToldEntry:
    told = kind_of(entry.object_type)
    about, url = rows.get(entry.object_id, ("", ""))
    wording = Wording.of(entry.object_type, told.fields)
    reason = next((str(state["reason"]) for state in (after, before) if _has(state, "reason")), "")
    changes = tuple(_changes(before, after, wording, names))
    return ToldEntry(entry, told.thing, about or label, url, changes, reason)


def _has(state: Any, name: str) -> bool:
    return isinstance(state, Mapping) and bool(state.get(name))


def _changes(before: Any, after: Any, wording: Wording, names: Names) -> Iterator[Changed]:
    old, new = (state if isinstance(state, Mapping) else {} for state in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if name not in _QUIET and old.get(name) != new.get(name):
            said = (wording.value(name, state.get(name), names) for state in (old, new))
            yield Changed(wording.name(name), *said)


def address_of(obj: Any) -> str:
    """The audit of one object."""
    return f"{reverse('audit')}?object={obj._meta.label_lower}:{obj.pk}"
