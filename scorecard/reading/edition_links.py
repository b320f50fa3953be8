"""What an edition keeps of links: what was seen, and could have been, as of its period's last month."""

from __future__ import annotations

from typing import Any

from core.auditing import key_of
from core.periods import Period, month_code
from kpis.models import Link
from kpis.reading.links import LinkBook
from kpis.serializers.links import four, test_row


def frozen_links(period: Period) -> list[dict[str, Any]]:
    """Each link that is written down, with its state and all its tests as of the period's last month; a period that
    has ended. Empty where nobody wrote one: then one query.
    """
    links = list(Link.objects.standing().select_related("by").order_by("leading__code", "trailing__code"))
    if not links:
        return []
    month = period.last
    book = LinkBook(links, month)
    codes = {tier.pk: tier.code for tier in book.tiers}
    return [_frozen(book, link, codes, period) for link in links]


def _frozen(book: LinkBook, link: Link, codes: dict[int, str], period: Period) -> dict[str, Any]:
    evidence = book.evidence(link, period.last)
    return {
        "leading": link.leading.code,
        "trailing": link.trailing.code,
        "sign": link.sign,
        "lags": link.lags,
        "mechanism": link.mechanism,
        "by": key_of(link.by),
        "month": month_code(period.last),
        "state": evidence.state.value,
        "best_lag": evidence.best_lag,
        "least_r": four(evidence.now.least_r),
        "tests": [test_row(one, codes[one.tier]) for one in evidence.now.tests],
    }
