"""The parts of the home page that are kept: what everybody sees of a period, and what one reader sees beside it.

Each is made without a request, so that a worker makes it as the page does.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from django.template.loader import render_to_string

from accounts.company import today_of
from accounts.models import Company, User
from core.editions import Served
from core.links import with_period
from core.periods import Period
from core.registry import asks_of
from scorecard.charts.home import tiers_height
from scorecard.pages.home import home_texts
from scorecard.pages.home_customers import tier_bars
from scorecard.pages.news import show_news
from scorecard.reading.caching import Part
from scorecard.reading.home import read_home
from scorecard.reading.inbox import asked_name
from scorecard.reading.news import read_news
from scorecard.services.visits import Looked

ASKED = 3  # things that are asked of the reader, before the inbox has the rest


def shared_part(company: Company, period: Period, serving: Callable[[], Served], edition: str = "") -> Part:
    """What everybody sees, as JSON of ``home_texts``; ``edition`` as the address asks for it, ``serving`` what that
    is.
    """

    def make() -> str:
        found = read_home(period, today_of(company), serving())
        return json.dumps(home_texts(found, company, tiers_height(tier_bars(found))))

    return Part(f"home {period.code} {edition}", make)


def news_part(company: Company, period: Period, reader: User, looked: Looked, late: Callable[[], list[int]]) -> Part:
    """What is new to the reader, as HTML; of a first visit that it is one. ``late`` are the ids of what is late."""

    def make() -> str:
        news = read_news(period, looked.since, reader, company, late()) if looked.since else None
        context = {"news": show_news(news, period) if news else None, "period": period}
        return render_to_string("scorecard/parts/home_news.html", context)

    return Part(f"news {looked} {period.code} {reader.pk}", make)


def asked_part(reader: User, code: str = "") -> Part:
    """What is asked of the reader first, as JSON: ``html``, and the ``count`` of all; ``code`` is the address's."""

    def make() -> str:
        asks = asks_of(reader)
        rows = [(ask, with_period(ask.url, code)) for ask in asks[:ASKED]]
        html = render_to_string("scorecard/parts/home_asked.html", {"rows": rows, "count": len(asks)})
        return json.dumps({"count": len(asks), "html": html})

    return Part(asked_name(reader, code), make)
