"""Links that keep the period: one period stands in the address and goes from page to page."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.http import HttpRequest

from core.periods import FiscalCalendar, Period, PeriodError

PARAMETER = "period"
# A path that names a period itself: that of the matrix or of a cell.
_DATED = re.compile(r"/\d{4}(?:-Q[1-4]|-\d\d)?/", re.ASCII)
_NAMED = re.compile(rf"[?&]{PARAMETER}=")


def with_period(url: str, code: str) -> str:
    """The address with the period as a parameter; as it is where there is none, or where it names one itself.

    What leads to the same page with other parameters (``?sort=due``) names all of them itself.
    """
    path, mark, anchor = url.partition("#")
    if not code or not path or path.startswith("?") or _DATED.search(path.partition("?")[0]) or _NAMED.search(path):
        return url
    return f"{path}{'&' if '?' in path else '?'}{urlencode({PARAMETER: code})}{mark}{anchor}"


def carried_period(request: HttpRequest | None) -> str:
    """The code of the period that the request's address names, in its path or as a parameter.

    Empty where it names none, or one that there is not.
    """
    if request is None:
        return ""
    match = request.resolver_match
    code = str((match.kwargs if match else {}).get(PARAMETER) or request.GET.get(PARAMETER, ""))
    try:
        return Period.parse(code, FiscalCalendar()).code
    except PeriodError:
        return ""
