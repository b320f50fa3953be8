"""What was marked on a page of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from core.forms import id_of

APPROVE, REJECT = "approve", "reject"
USUAL = "usual"  # the button that marks all of a group


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody has marked on a page of decisions: a verdict on each proposal by its id, and reasons typed.

    ``seen`` is the batch in which each was shown; ``problems`` what is wrong with a reason.
    """

    verdicts: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    seen: Mapping[int, int] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)

    @property
    def approved(self) -> list[int]:
        """The ids of what is marked to be approved."""
        return [pk for pk, verdict in self.verdicts.items() if verdict == APPROVE]

    @property
    def rejected(self) -> list[int]:
        """The ids of what is marked to be rejected."""
        return [pk for pk, verdict in self.verdicts.items() if verdict == REJECT]

    def with_approved(self, ids: Iterable[int]) -> Choices:
        """With these marked to be approved too; what is marked already stays."""
        return replace(self, verdicts=dict.fromkeys(ids, APPROVE) | dict(self.verdicts))


def read_choices(post: QueryDict) -> Choices:
    """The choices of a form: ``d-17`` the verdict on proposal 17, ``why-17`` a reason, ``seen`` as ``17:3 18:3``."""
    verdicts = {pk: word for pk, word in _by_id(post, "d-") if word in (APPROVE, REJECT)}
    pairs = (text.partition(":") for text in post.get("seen", "").split())
    seen = {pk: batch for one, _, other in pairs if (pk := id_of(one)) and (batch := id_of(other))}
    return Choices(verdicts, dict(_by_id(post, "why-")), seen)


def _by_id(post: QueryDict, prefix: str) -> Iterator[tuple[int, str]]:
    for name, value in post.items():
        if name.startswith(prefix) and (pk := id_of(name.removeprefix(prefix))):
            yield pk, str(value)
