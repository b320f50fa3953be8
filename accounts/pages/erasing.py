"""What the page shows that erases a person."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import AuditEntry, Load, OutgoingMail, User
from accounts.reading.naming import Naming, NamingText, is_record
from accounts.services.erasing import erasing_problems, texts_left
from core.formatting import counted

SHOWN = 100  # texts on the page; what is beyond stays as it is, and is listed afterwards


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text that names the person; ``proposed`` is what it would be without."""

    found: NamingText
    proposed: str


@dataclass(frozen=True, slots=True)
class ErasingPage:
    """What erasing touches. ``refusals`` say why it cannot be done yet; none where it can."""

    person: User
    refusals: tuple[str, ...]
    numbers: tuple[str, ...]
    texts: tuple[ShownText, ...]
    more: int


def erasing_page(person: User, by: User) -> ErasingPage:
    """Before a person is erased."""
    naming = Naming(person)
    texts = list(naming.texts())
    shown = tuple(ShownText(one, naming.without(one.text)) for one in texts[:SHOWN])
    refusals = tuple(reason for _, reason in erasing_problems(person, by))
    return ErasingPage(person, refusals, _numbers(person, naming, len(texts)), shown, len(texts) - len(shown))


def left_page(person: User) -> ErasingPage:
    """After: the texts that held the name, as they are now."""
    texts = texts_left(person)
    shown = tuple(ShownText(one, one.text) for one in texts[:SHOWN])
    return ErasingPage(person, (), (), shown, len(texts) - len(shown))


def _numbers(person: User, naming: Naming, texts: int) -> tuple[str, ...]:
    records = sum(1 for _ in naming.cells(is_record))
    done = AuditEntry.objects.filter(by=person).count()
    loads = Load.objects.filter(by=person).count()
    mails = OutgoingMail.objects.filter(to=person).count()
    whose = f"{'is' if done + loads == 1 else 'are'} theirs, and will be Erased person {person.pk}’s"
    told = (
        f"{counted(done, 'audit entry', 'audit entries')} and {counted(loads, 'load')} {whose}",
        f"{counted(records, 'record')} {'names' if records == 1 else 'name'} them in words, which are replaced",
        f"{counted(mails, 'mail')} to them, which go from the outbox",
        f"{counted(texts, 'text')} of people {'holds' if texts == 1 else 'hold'} the name or the address: see below",
    )
    return tuple(words for words, number in zip(told, (1, records, mails, texts), strict=True) if number)
