"""The set-up: what is there, what is missing, who may take it, and the step that is in hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse

from accounts.choices import Role, SetupState
from accounts.forms.company import FirstCompanyForm
from accounts.forms.setup import OwnRolesForm
from accounts.models import Company, User
from accounts.pages.addresses import file_link, invite_link
from accounts.reading.company import company_stands, has_mail_server
from accounts.reading.setup import Team, role_words
from accounts.rights import Right
from accounts.services.company import change_company
from accounts.services.people import change_roles
from accounts.workers import somebody_works
from core.formatting import counted, sentence_list, some_of
from core.registry import load_kinds
from core.sentences import Phrase, Sentence
from core.setup import SetupPlace, SetupStep, Standing, setup_steps

# Whom a set-up needs, and what is missing without them.
NEEDED = (Role.FINANCE, Role.STEWARD, Role.OWNER, Role.EXECUTIVE)


LIST = "#setup-steps"


@dataclass(frozen=True, slots=True)
class Line:
    """A step in the list: how far it is, whether it is the one in hand, and where it is taken."""

    step: SetupStep
    standing: Standing
    current: bool

    @property
    def url(self) -> str:
        """Its panel, which on a phone stands below the list."""
        return address_of(self.step)

    @property
    def verb(self) -> str:
        """What its link says: what is done can be changed, and a matrix looked at."""
        done = self.standing.state == SetupState.DONE and self.step.place != SetupPlace.MATRIX
        return "Change" if done else self.step.verb


@dataclass(frozen=True, slots=True)
class FileLink:
    """A kind of file that takes a step."""

    title: str
    url: str


def address_of(step: SetupStep) -> str:
    """Where a step is taken."""
    return reverse("setup_step", args=[step.code]) + "#in-hand"


class SetupPage:
    """The page; ``chosen`` is the step that was asked for, ``form`` one that was refused, ``late`` why."""

    def __init__(self, person: User, chosen: SetupStep | None = None, *, form: Any = None, late: Any = None) -> None:
        self.person, self.late = person, late
        self._chosen, self._form = chosen, form

    @cached_property
    def _standings(self) -> list[tuple[SetupStep, Standing]]:
        return [(step, step.stand()) for step in setup_steps()]

    @cached_property
    def step(self) -> SetupStep:
        """The one in hand: what was asked for, else the next, else the last."""
        if self._chosen:
            return self._chosen
        return self._next or self._standings[-1][0]

    @cached_property
    def _next(self) -> SetupStep | None:
        """Of the steps that are not done one that the person may take, and that nobody has begun: what is in hand may
        wait for others. None: all is done.
        """
        left = [(step, standing.state) for step, standing in self._standings if standing.state != SetupState.DONE]
        ranked = sorted(left, key=lambda one: (not self.person.has_perm(one[0].takers), one[1] == SetupState.IN_HAND))
        return ranked[0][0] if ranked else None

    @cached_property
    def lines(self) -> list[Line]:
        """All steps."""
        return [Line(step, standing, step is self.step) for step, standing in self._standings]

    @property
    def standing(self) -> Standing:
        """How far the one in hand is."""
        return next(line.standing for line in self.lines if line.current)

    def _count(self, state: SetupState) -> int:
        return sum(line.standing.state == state for line in self.lines)

    @property
    def counts(self) -> str:
        """``2 of 8 done, 4 in hand, 2 waiting``."""
        done, begun, waiting = (self._count(state) for state in SetupState)
        return f"{done} of {len(self.lines)} done, {begun} in hand, {waiting} waiting"

    @property
    def heading(self) -> Sentence:
        """What is done, and what comes next."""
        done, of = self._count(SetupState.DONE), len(self.lines)
        left = self._next
        if left is None:
            return (Phrase(f"All {of} steps", url=LIST), Phrase(" are done."))
        count = Phrase(f"{done} of {of} steps", url=LIST)
        said = f" {'is' if done == 1 else 'are'} done. Next: "
        return (count, Phrase(said), Phrase(_in_a_sentence(left.title), url=address_of(left)), Phrase("."))

    @cached_property
    def team(self) -> Team:
        """Who can sign in."""
        return Team()

    @property
    def takers(self) -> str:
        """Which roles take the step in hand."""
        return role_words(self.step.takers)

    @property
    def holders(self) -> str:
        """Who of those there are may take it; empty for nobody."""
        return some_of(self.team.holders(self.step.takers), 3)

    @property
    def may_take(self) -> bool:
        """Whether the person may."""
        return self.person.has_perm(self.step.takers)

    @property
    def administers(self) -> bool:
        """Whether the person may invite others and end the set-up."""
        return self.person.has_perm(Right.ADMINISTER)

    @property
    def invite_url(self) -> str:
        """Where others are invited."""
        return invite_link()

    @cached_property
    def form(self) -> Any:
        """The form of the step in hand; None where it has none, or not for this person."""
        if self._form is not None or self.step.form is None or not self.may_take:
            return self._form
        return self.step.form(self.person, None, None)

    @cached_property
    def shown(self) -> Any:
        """What else the step shows."""
        return self.step.shown(self.person)

    @property
    def files(self) -> list[FileLink]:
        """The kinds of files that take it, for those who may load them and take the step."""
        kinds = load_kinds() if self.may_take and self.person.has_perm(Right.LOAD) else {}
        back = address_of(self.step)
        return [FileLink(kinds[kind].title, file_link(kind, back)) for kind in self.step.kinds if kind in kinds]

    @property
    def without_mail(self) -> bool:
        """Whether there is no mail server, which holds nothing up."""
        return not has_mail_server()

    @property
    def without_worker(self) -> bool:
        """Whether nobody works in the background, so that nothing is rolled up or sent."""
        return not somebody_works()


def _in_a_sentence(title: str) -> str:
    """A title with a small letter, but for what is written in capitals."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def step_of(code: str) -> SetupStep | None:
    """The step of an address; None for none."""
    return next((step for step in setup_steps() if step.code == code), None)


def people_stand() -> Standing:
    """Done once each role that a scorecard needs has somebody who signed in."""
    team = Team()
    lacking = [role.label for role in NEEDED if not team.having(role)]
    if len(team.members) < 2 and len(lacking) == len(NEEDED):
        return Standing(SetupState.WAITING, "nobody but you")
    said = list(_said_of(team, lacking))
    return Standing(SetupState.IN_HAND if len(said) > 1 else SetupState.DONE, "; ".join(said))


def _said_of(team: Team, lacking: list[str]) -> Iterator[str]:
    yield counted(len(team.members), "person", "people")
    if lacking:
        yield f"no {sentence_list([lacking[0], *lacking[1:]]).replace(' and ', ' and no ')}"
    if team.absent:
        yield f"{some_of(team.absent)} {'has' if len(team.absent) == 1 else 'have'} not signed in yet"


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role, who has it, and what is missing without anybody."""

    label: str
    who: str
    without: str


_WITHOUT = {
    Role.EXECUTIVE: "Nobody approves initiatives.",
    Role.OWNER: "Nobody reports on an initiative of their own.",
    Role.FINANCE: "Nobody approves targets: the matrix shows values and no verdicts.",
    Role.STEWARD: "The administrator keeps KPIs, customers and tiers; nobody but finance proposes targets.",
}


def roles_of(person: User) -> list[RoleLine]:
    """Each role that people have here, with who has it."""
    team = Team()
    roles = (Role.ADMINISTRATOR, *NEEDED)
    return [RoleLine(role.label, some_of(team.having(role), 3), _WITHOUT.get(role, "")) for role in roles]


def _company_form(person: User, data: Any, files: Any) -> FirstCompanyForm:
    return FirstCompanyForm(data, files, company=Company.objects.get(pk=1))


def _take_company(form: FirstCompanyForm, person: User) -> str:
    seen = form.cleaned_data["seen"]
    made = change_company(by=person, values=form.values, logo=form.new_logo, seen=seen)
    return f"Kept: {made.name}."


def _roles_form(person: User, data: Any, files: Any) -> OwnRolesForm | None:
    form = OwnRolesForm(person, data)
    return form if form.fields["roles"].choices else None  # type: ignore[attr-defined]


def _take_roles(form: OwnRolesForm, person: User) -> str:
    taken = [Role(role) for role in form.cleaned_data["roles"]]
    changed = change_roles(person=person, roles={*person.roles, *taken}, by=person)
    return (
        f"You are {sentence_list([role.label for role in taken])} as well now." if changed else "Nothing was changed."
    )


COMPANY = SetupStep(
    place=SetupPlace.COMPANY,
    title="Company",
    verb="Name it",
    takers=Right.ADMINISTER,
    stand=company_stands,
    template="setup/company.html",
    form=_company_form,
    take=_take_company,
)
PEOPLE = SetupStep(
    place=SetupPlace.PEOPLE,
    title="People",
    verb="Invite",
    takers=Right.ADMINISTER,
    stand=people_stand,
    template="setup/people.html",
    shown=roles_of,
    form=_roles_form,
    take=_take_roles,
)
