"""What the pages of people show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounts.choices import Role, WayIn
from accounts.models import Departure, Invitation, User
from accounts.services.invitations import Invited, Refused, mail_is_set_up
from accounts.wording import words_of_role
from core.formatting import counted, day_name
from core.records import Held, owned_by


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A line of the list. ``told`` says more of how they get in: of the latest invitation, of the last sign-in."""

    person: User
    state: WayIn
    roles: tuple[str, ...]
    told: str

    @property
    def has_no_way_in(self) -> bool:
        """Whether an invitation is what they need."""
        return self.state in {WayIn.INVITED, WayIn.NAMED}


@dataclass(frozen=True, slots=True)
class ShownRole:
    """A role, and what it lets one do."""

    code: str
    label: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person as administrators see them. ``invitation`` is the latest; ``departure`` the one that stands."""

    shown: ShownPerson
    invitation: Invitation | None
    departure: Departure | None
    holdings: tuple[str, ...]
    handed: tuple[str, ...]
    mail: bool


@dataclass(frozen=True, slots=True)
class InvitedPage:
    """What became of a list of addresses."""

    invited: tuple[Invited, ...]
    refused: tuple[Refused, ...]

    @property
    def links(self) -> tuple[Invited, ...]:
        """Those whose link is to be handed over."""
        return tuple(one for one in self.invited if one.link)


def show_people(people: Iterable[User]) -> list[ShownPerson]:
    """A page of the list, of rows ``with_ways_in``, their roles and invitations read ahead."""
    return [show_person(person) for person in people]


def show_person(person: User) -> ShownPerson:
    """One of them."""
    state = WayIn(person.way_in)  # type: ignore[attr-defined]  # with_ways_in
    roles = [grant.get_role_display() for grant in person.role_grants.all()]
    labels = [*(["Superuser"] if person.is_superuser else []), *sorted(roles)]
    return ShownPerson(person, state, tuple(labels), _told(person, state))


def _told(person: User, state: WayIn) -> str:
    if person.erased_at:
        return f"erased on {day_name(timezone.localtime(person.erased_at))}"
    if state == WayIn.INVITED:
        return words_of_invitation(next(iter(person.invitations.all()), None))
    if state == WayIn.NAMED:
        return "no way to sign in yet"
    signed_in = person.last_login
    return f"signed in on {day_name(timezone.localtime(signed_in))}" if signed_in else "never signed in"


def words_of_invitation(invitation: Invitation | None) -> str:
    """How far an invitation is: ``link until 7 December 2026``."""
    if invitation is None:
        return "not invited"
    if invitation.revoked_at:
        return "invitation revoked"
    if invitation.used_at:
        return "invitation used"
    if not invitation.lives:
        return "invitation too old"
    day = day_name(timezone.localtime(invitation.expires_at))
    if not invitation.by_mail:
        return f"link until {day}"
    return f"mail sent, link until {day}" if invitation.digest else "mail on its way"


def shown_roles() -> tuple[ShownRole, ...]:
    """Every role with what it lets one do, in the words of help."""
    return tuple(ShownRole(role.value, role.label, tuple(words_of_role(role))) for role in Role)


def person_page(person: User) -> PersonPage:
    """The page of a person of ``with_ways_in``."""
    departure = person.departures.filter(undone_at=None).select_related("receiver", "by").first()
    moved = [Held(**one) for one in departure.moved] if departure else []
    return PersonPage(
        show_person(person),
        next(iter(person.invitations.all()), None),
        departure,
        counts_of(owned_by(person)),
        counts_of(moved),
        mail_is_set_up(),
    )


def counts_of(held: Sequence[Held]) -> tuple[str, ...]:
    """What somebody holds, a clause each kind: ``3 KPIs``, ``2 initiatives as sponsor``."""
    numbers = Counter(one.noun for one in held)
    return tuple(_counted(number, noun) for noun, number in numbers.items())


def _counted(number: int, noun: str) -> str:
    word, as_, rest = noun.partition(" as ") if " as " in noun else (noun, "", "")
    if not as_ and noun.endswith(" in the team"):
        word, as_, rest = noun.removesuffix(" in the team"), " in the team", ""
    return f"{counted(number, word)}{as_}{rest}"


def invited_page(outcomes: Iterable[Invited | Refused]) -> InvitedPage:
    """Who was invited, and who was not."""
    found = list(outcomes)
    return InvitedPage(
        tuple(one for one in found if isinstance(one, Invited)),
        tuple(one for one in found if isinstance(one, Refused)),
    )
