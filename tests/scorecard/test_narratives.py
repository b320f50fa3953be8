"""Narratives: asked for where something really changed, written by whose it is, frozen with what they refer to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.company import today
from accounts.models import AuditEntry, OutgoingMail, User
from accounts.reading.naming import Naming
from accounts.rules.threads import NewAction
from accounts.services.people import deactivate
from core.periods import FiscalCalendar, Period
from core.reader import Formats, written_for
from core.records import owned_by
from core.registry import asks_of
from core.writes import StaleWrite
from customers.models import Tier
from initiatives.choices import Stage
from initiatives.models import InitiativeKpi
from kpis.choices import Direction, Status, TargetState, Unit
from kpis.models import Fact, Kpi
from kpis.reading.matrix import Cell, build_matrix
from kpis.rollup.runs import roll_up_now
from scorecard.models import Edition, Narrative
from scorecard.reading.checklist import read_checklist
from scorecard.reading.editions import document_of, verify
from scorecard.reading.narratives import wanted_of
from scorecard.reading.references import CellBook, cell_style, frozen_reads
from scorecard.rules.references import reference_problems
from scorecard.services.editions import ChangedSince, close_by_command, prepare_closing, sign_closing, waive
from scorecard.services.narratives import Place, may_narrate, tick_narrative, write_narrative
from tests import factories
from tests.kept import kept

Q3 = Period.parse("2011-Q3", FiscalCalendar())
CELL = "/matrix/2011-Q3/calls/T1/"
MONTHS = [month_code_ for year in (2010, 2011) for month_code_ in range(year * 100 + 1, year * 100 + 13)][6:21]


class World:
    """A company of which one KPI really got worse in September 2011, one misses its target by itself, and one moves as
    it always did.
    """

    def __init__(self, everyone: dict[str, User]) -> None:
        self.people = everyone
        self.tier = factories.tier("T1", name="Gold")
        self.customer = factories.customer("C1", tier=self.tier)
        self.calls = self.kpi("calls", [10, 12] * 7 + [61], owner=everyone["owner"])
        self.errors = self.kpi("errors", [10, 12] * 7 + [10])
        self.quiet = self.kpi("quiet", [10, 12] * 7 + [10])
        factories.target(self.errors, self.tier, 201001, 3, state=TargetState.APPROVED)
        roll_up_now()

    def kpi(self, code: str, values: list[int], **fields: Any) -> Kpi:
        """A KPI of which less is better, with a value for each of fifteen months."""
        made = factories.kpi(code, name=code.capitalize(), direction=Direction.LOWER, **fields)
        for month, value in zip(MONTHS, values, strict=True):
            factories.fact(made, self.customer, month, value)
        return made

    @property
    def place(self) -> Place:
        """The cell that really got worse."""
        return Place(self.calls, self.tier, Q3)

    def write(self, analysis: str = "The desk was closed: [[calls@T1]].", **more: Any) -> Narrative:
        """Its narrative, by who owns the KPI."""
        told: dict[str, Any] = {"place": self.place, "by": self.people["owner"], "analysis": analysis}
        return write_narrative(**told | more)

    def action(self, owner: str = "steward") -> NewAction:
        """Something to be done."""
        return NewAction("Open the desk again", self.people[owner], today() + timedelta(days=30))

    def close(self, **more: Any) -> Edition:
        """Signed by two people, whatever is missing."""
        by: dict[str, Any] = {"prepared_by": self.people["finance"], "signed_by": self.people["executive"]}
        return close_by_command(**{"period": Q3, "anyway": "It is small.", **by} | more)


@kept
def world(everyone: dict[str, User]) -> World:
    return World(everyone)


# -- asked for


def _asked() -> list[str]:
    return [one.name for one in wanted_of(build_matrix(Q3), today=today())]


def test_a_narrative_is_asked_for_on_what_got_worse_and_on_gaps_that_nothing_serves(world: World) -> None:
    assert _asked() == ["calls@T1", "errors@T1"]


def test_what_runs_for_a_gap_needs_no_narrative(world: World) -> None:
    running = factories.initiative("desk", stage=Stage.IN_PROGRESS)
    InitiativeKpi.objects.create(initiative=running, kpi=world.errors, tier=world.tier)
    assert _asked() == ["calls@T1"]


def test_the_machine_says_a_sentence_on_noise(world: World) -> None:
    page = factories.signed_in(world.people["owner"]).get("/matrix/2011-Q3/quiet/T1/").content.decode()
    assert "No signal that it got worse: nobody has to explain it." in page
    assert (
        "whose numbers these are again"
        in factories.signed_in(world.people["owner"]).get("/matrix/2011-Q3/calls/all/").content.decode()
    )


def test_the_matrix_says_on_focus_what_was_written_or_is_asked_for(world: World) -> None:
    world.write()
    page = factories.signed_in(world.people["finance"]).get("/matrix/2011-Q3/").content.decode()
    assert "Omar wrote: “The desk was closed: 83.00.”" in page
    assert page.count("A narrative is asked for, and nobody has written it yet.") == 1


def test_the_checklist_asks_the_owner_until_it_is_written_or_waived(world: World) -> None:
    def left() -> dict[str, Any]:
        items = read_checklist(Q3, today(), 1)
        return {one.key: one for one in items if one.group == "narratives"}

    found = left()
    assert list(found) == ["narratives:calls@T1", "narratives:errors@T1"]
    assert found["narratives:calls@T1"].owner == world.people["owner"]
    assert found["narratives:calls@T1"].url == f"{CELL}#narrative"
    assert "lies outside the limits" in found["narratives:calls@T1"].detail
    world.write()
    waive(period=Q3, items=["narratives:errors@T1"], reason="Known since May.", by=world.people["finance"])
    assert [one.is_open for one in left().values()] == [False]
    kept = {one["item"]: one["waiver"] for one in document_of(world.close())["missing"]}
    assert kept["narratives:errors@T1"]["reason"] == "Known since May."


def test_it_stands_on_the_owners_page_until_it_is_written(world: World) -> None:
    owner = world.people["owner"]
    Kpi.objects.filter(code="calls").update(owner=owner)

    def asked() -> list[str]:
        return [one.text for one in asks_of(owner) if "asks for a narrative" in one.text]

    assert asked() == ["Quarter 3, 2011 asks for a narrative for Gold: say what happened, and what is done about it."]
    world.write()
    assert asked() == []


# -- references


def test_a_reference_shows_the_value_of_the_cell_with_its_unit(world: World) -> None:
    Kpi.objects.filter(code="calls").update(unit=Unit.PERCENT, decimals=1)
    world.write("Up to [[calls@T1]] of all, [[ errors@all ]] errors.")
    page = factories.signed_in(world.people["owner"]).get(CELL).content.decode()
    assert "Up to 83.0 % of all, 32" in page


def test_an_unknown_reference_is_refused_at_its_field_with_what_is_near(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        world.write("It was [[cals@T1]].")
    (said,) = refused.value.message_dict["analysis"]
    assert said.startswith("Names “cals@T1”, and there is no such cell in this period; near it: calls@T1")
    with pytest.raises(ValidationError, match="without"):
        world.write("It was [[calls@T1.")
    answer = factories.signed_in(world.people["owner"]).post(f"{CELL}narrative/", {"analysis": "[[x@y]] <b>"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "a reference reads [[kpi@tier]]" in page
    assert "[[x@y]] &lt;b&gt;" in page
    assert not Narrative.objects.exists()


def test_nothing_typed_becomes_markup(world: World) -> None:
    world.write("<script>alert(1)</script> & [[calls@T1]]")
    page = factories.signed_in(world.people["owner"]).get(CELL).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 83" in page
    assert "<script>alert(1)" not in page


_VALUES = st.none() | st.builds(Fraction, st.integers(-(10**9), 10**9), st.integers(1, 10**4))


@given(
    value=_VALUES,
    target=_VALUES,
    decimals=st.integers(0, 4),
    unit=st.sampled_from(Unit.values),
    formats=st.sampled_from([Formats(), Formats("comma", "dots"), Formats("space", "iso")]),
)
def test_what_is_frozen_is_what_the_cell_shows(
    value: Fraction | None, target: Fraction | None, decimals: int, unit: str, formats: Formats
) -> None:
    """In the signs of each reader, though it is frozen in the plain ones; never rounded twice."""
    kpi = Kpi(code="k", unit=unit, decimals=decimals, currency="")
    cell = Cell(Tier(code="t"), value, target, None, None, None, None, Status.MET, None, None, 1, 1, 1)
    shown = cell_style(kpi, cell, "EUR").full(value)
    book = CellBook({"k@t": (kpi, cell)}, "EUR")
    reads, source = book.frozen("It is [[k@t]].")
    assert reads == f"It is {shown}."
    with written_for(lambda: formats):
        assert (
            frozen_reads(source) == book.reads("It is [[k@t]].") == f"It is {cell_style(kpi, cell, 'EUR').full(value)}."
        )
        assert book.frozen("It is [[k@t]].") == (reads, source)  # whoever prepares and signs


@given(st.text(alphabet="[]@ab ", max_size=20))
def test_no_text_breaks_the_rules_of_references(text: str) -> None:
    assert all(field == "analysis" for field, _ in reference_problems("analysis", text, ["a@b"]))


# -- frozen


def test_an_edition_keeps_what_was_written_and_what_its_references_said(world: World) -> None:
    world.write(action=world.action())
    edition = world.close(summary="Calls: [[calls@T1]].")
    document = document_of(edition)
    (told,) = document["narratives"]
    assert (told["kpi"], told["tier"], told["analysis"]) == ("calls", "T1", "The desk was closed: 83.00.")
    assert told["written"] == "The desk was closed: [[calls@T1]]."
    assert told["references"][0] | {"rounded": ""} == {
        "reference": "calls@T1",
        "value": "83.0000",
        "rounded": "",
        "unit": "number",
        "currency": None,
        "shown": "83.00",
    }
    assert told["action"]["owner"] == {"person": world.people["steward"].pk}
    assert told["by"] == {"person": world.people["owner"].pk}
    assert document["summary"] == "Calls: 83.00."
    assert document["summary_source"]["written"] == "Calls: [[calls@T1]]."
    assert {"/narratives", "/narratives/0", "/summary"} <= set(document["parts"])
    assert "@T1" not in document["summary"]


def _rewritten(world: World) -> None:
    world.write("It was something else.")


def _late(world: World) -> None:
    Fact.objects.filter(kpi=world.calls, month=201109).update(numerator=770_000)
    factories.touch(world.calls, 201109)
    roll_up_now()


def _written_otherwise(world: World) -> None:
    Kpi.objects.update(decimals=0, unit=Unit.CURRENCY, name="Other")


def _ticked(world: World) -> None:
    tick_narrative(narrative=Narrative.objects.get(), by=world.people["steward"])


@pytest.mark.parametrize("change", [_rewritten, _late, _written_otherwise, _ticked], ids=lambda one: one.__name__)
def test_an_edition_answers_the_same_bytes_whatever_is_written_later(
    change: Callable[[World], None], world: World
) -> None:
    world.write(action=world.action())
    edition = world.close(summary="Calls: [[calls@T1]].")
    browser = factories.signed_in(world.people["executive"])
    before = browser.get("/api/v1/scorecards/2011-Q3/editions/1/").content
    change(world)
    assert browser.get("/api/v1/scorecards/2011-Q3/editions/1/").content == before == bytes(edition.document)
    assert not list(verify(Edition.objects.all()))
    page = browser.get("/scorecards/2011-Q3/").content.decode()
    assert "The desk was closed: 83.00." in page
    assert "Calls: 83.00." in page


def test_signing_is_refused_where_a_narrative_changed_but_not_where_its_action_was_done(world: World) -> None:
    world.write(action=world.action())
    waive(period=Q3, items=None, reason="Small.", by=world.people["finance"])
    closing = prepare_closing(period=Q3, by=world.people["finance"])
    _ticked(world)
    world.people["executive"].number_format = "comma"
    _rewritten(world)
    with pytest.raises(ChangedSince, match="the narratives changed"):
        sign_closing(period=Q3, digest=closing.digest, by=world.people["executive"])


def test_a_summary_names_no_cell_that_is_not_there(world: World) -> None:
    with pytest.raises(ValidationError, match="near it: calls@T1") as refused:
        world.close(summary="Calls: [[calls@T9]].")
    assert "summary" in refused.value.message_dict
    assert not Edition.objects.exists()


# -- written by whose it is


@pytest.mark.parametrize(
    ("role", "own"),
    [("executive", True), ("owner", False), ("finance", True), ("steward", True), ("administrator", True)],
)
def test_who_may_write(role: str, own: bool, world: World) -> None:
    """Owners about their own KPIs alone: of the errors nobody is."""
    person = world.people[role]
    place = Place(world.errors, world.tier, Q3)
    browser, address = factories.signed_in(person), "/matrix/2011-Q3/errors/T1/narrative/"
    assert may_narrate(person, world.errors) is own
    assert browser.post(address, {"analysis": "Because."}).status_code == (302 if own else 403)
    assert ("Write it" in browser.get("/matrix/2011-Q3/errors/T1/").content.decode()) is own
    if not own:
        with pytest.raises(PermissionDenied):
            write_narrative(place=place, by=person, analysis="Because.")
        assert world.write().by == person


def test_an_integrator_writes_by_token_with_the_scope(world: World, client: Any) -> None:
    integrator = world.people["integrator"]
    integrator.token_scopes = frozenset()
    with pytest.raises(PermissionDenied):
        world.write(by=integrator)
    integrator.token_scopes = frozenset({"tierboard.note_actions"})
    assert world.write(by=integrator).by == integrator


def test_who_writes_second_is_told_and_versions_are_kept(world: World) -> None:
    row = world.write()
    with pytest.raises(StaleWrite):
        world.write("Mine.", seen="")
    with pytest.raises(StaleWrite):
        world.write("Mine.", seen="7")
    assert world.write().revision == 1
    changed = world.write("Theirs.", by=world.people["steward"], seen=str(row.revision))
    assert (changed.revision, changed.by) == (2, world.people["steward"])
    entries = AuditEntry.objects.filter(object_type="scorecard.narrative").order_by("pk")
    assert [(one.after or {})["analysis"] for one in entries] == ["The desk was closed: [[calls@T1]].", "Theirs."]
    answer = factories.signed_in(world.people["finance"]).post(f"{CELL}narrative/", {"analysis": "Mine.", "seen": "1@"})
    assert answer.status_code == 409
    assert "Mine." in answer.content.decode()


def test_no_narrative_of_a_period_that_has_not_begun_or_a_cell_that_is_not_there(world: World) -> None:
    for code, field in (("2099-Q1", "period"), ("2000-Q1", "kpi")):
        Kpi.objects.filter(code="calls").update(retired_from=199901 if field == "kpi" else None)
        with pytest.raises(ValidationError) as refused:
            world.write("So.", place=Place(world.calls, world.tier, Period.parse(code, FiscalCalendar())))
        assert field in refused.value.message_dict


# -- what is done about it


def test_an_action_reaches_who_does_it_and_is_ticked_off(world: World) -> None:
    steward = world.people["steward"]
    with pytest.raises(ValidationError) as refused:
        world.write(action=NewAction("Do it", None, None))
    assert set(refused.value.message_dict) == {"owner", "due"}
    row = world.write(action=world.action())
    (mail,) = OutgoingMail.objects.filter(to=steward)
    assert "Open the desk again" in mail.body
    assert f"{CELL}#narrative" in mail.body
    (ask,) = [one for one in asks_of(steward) if "Open the desk again" in one.text]
    browser = factories.signed_in(steward)
    assert browser.post(ask.post, {"next": "/my/"})["Location"] == "/my/"
    row.refresh_from_db()
    assert row.done_by == steward
    assert not [one for one in asks_of(steward) if "Open the desk again" in one.text]
    assert world.write("Other words.", action=NewAction(row.action, row.owner, row.due)).done_at is not None
    assert world.write("Other words.", action=world.action("finance")).done_at is None
    with pytest.raises(PermissionDenied):
        tick_narrative(narrative=row, by=world.people["executive"])


def test_open_actions_are_handed_over_and_erasing_keeps_the_text(world: World) -> None:
    row = world.write("[[calls@T1]] by hand.", action=world.action())
    steward, finance = world.people["steward"], world.people["finance"]
    deactivate(person=steward, by=world.people["administrator"], receiver=finance)
    row.refresh_from_db()
    assert row.owner == finance
    naming = Naming(User(pk=0, name="by hand", email="x@y.example"))
    assert [one.ref for one in naming.texts()] == [f"scorecard.narrative:analysis:{row.pk}"]
    Narrative.objects.update(done_at=None, owner=steward)
    assert "Open the desk again" in [one.title for one in owned_by(steward)]
