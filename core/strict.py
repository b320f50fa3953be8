"""What the API does not know it refuses by its name: parameters, fields, and what is given twice.

A program that mistypes ``departement`` would otherwise take all for the answer, or nothing for its write.
Each endpoint says what it takes; one that says nothing takes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, ClassVar

from django import forms
from django.http import Http404, QueryDict
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request, is_form_media_type
from rest_framework.response import Response
from rest_framework.views import APIView

from core.parsers import NoText
from core.problems import Unprocessable

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Asked of a list and refused with words of its own: pages with a cursor have one order.
SORT = "sort"
_MOST_TOLD = 50  # unknown names in one answer
_LONGEST_TOLD = 80  # letters of each

_SEVERAL = (serializers.ListField, serializers.ManyRelatedField, serializers.MultipleChoiceField)
_SEVERAL_CHOICES = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)

Shape = type[serializers.Serializer[Any]]


class Strict(APIView):
    """An endpoint that takes what it names and nothing else. What it does not know is 422, before it does anything.

    ``queries`` has the shape of the parameters by action (of a plain view: by ``get``, ``post`` …), ``bodies`` that
    of the body; None there stands for a body that the action reads by itself. A list takes the parameters of its
    FilterSet and of its pages as well.
    """

    queries: ClassVar[Mapping[str, Shape]] = {}
    bodies: ClassVar[Mapping[str, Shape | None]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once it is known who calls and that they may: look at the names of all that they sent."""
        super().initial(request, *args, **kwargs)
        method = request.method or ""
        if method == "OPTIONS" or getattr(self, method.lower(), None) is None:
            return  # the description of the address, or 405
        refuse_unknown(unknown_parameters(request.query_params, self.parameters()))
        if method in WRITING and (self.key not in self.bodies or self.bodies[self.key]):
            refuse_unknown(self._unknown_fields(request))

    def check_permissions(self, request: Request) -> None:
        """Calls of somebody known are counted before it is looked whether they may: refused ones are calls as well."""
        if request.user.is_authenticated:
            super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Done by then."""

    def handle_exception(self, exc: Exception) -> Response:
        """A problem is JSON, in whatever form the good answer would have come."""
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)

    def _unknown_fields(self, request: Request) -> Iterator[dict[str, Any]]:
        """Those of the body; what a change repeats of the row as it is read says nothing and is let pass."""
        shape = self.bodies.get(self.key)
        errors = unknown_fields(_body(request, shape), shape)
        first = next(errors, None)
        if first is None:
            return
        same = self._repeated(request) if self.key == "partial_update" else set()
        yield from (error for error in chain([first], errors) if error["field"] not in same)

    def _repeated(self, request: Request) -> set[str]:
        try:
            given, row = request.data, self.retrieve(request, **self.kwargs).data  # type: ignore[attr-defined]
        except (Http404, APIException):  # which the call itself tells in its turn
            return set()
        return {name for name in row if isinstance(given, Mapping) and name in given and given[name] == row[name]}

    @property
    def key(self) -> str:
        """What is asked of this endpoint: the action, of a plain view the method."""
        method = (self.request.method or "").lower()
        return getattr(self, "action", None) or {"head": "get"}.get(method, method)

    def parameters(self) -> dict[str, bool]:
        """The parameters of what is asked, and whether each may be given several times."""
        shape = self.queries.get(self.key)
        named = shape().fields if shape else {}
        found = {name: isinstance(field, _SEVERAL) for name, field in named.items()}
        return found | (list_parameters(self) if self.key == "list" else {})

    def asked(self) -> dict[str, Any]:
        """The checked values of the parameters; none where it names none. Raises ValidationError by name."""
        if self.key not in self.queries:
            return {}
        query = self.queries[self.key](data=self.request.query_params, context={"request": self.request})
        query.is_valid(raise_exception=True)
        found: dict[str, Any] = query.validated_data
        return found


def list_parameters(view: Any) -> dict[str, bool]:
    """What a list can be asked by: the filters, where in its pages, and how many rows."""
    filters = view.filterset_class.base_filters if getattr(view, "filterset_class", None) else {}
    found = {name: issubclass(one.field_class, _SEVERAL_CHOICES) for name, one in filters.items() if name != SORT}
    pages = view.paginator
    return found | ({pages.cursor_query_param: False, pages.page_size_query_param: False} if pages else {})


def refuse_unknown(errors: Iterator[dict[str, Any]]) -> None:
    """Raises Unprocessable with what was found, of very many the first ones."""
    told = list(islice(errors, _MOST_TOLD))
    if told:
        raise Unprocessable(told)


def unknown_parameters(given: QueryDict, known: Mapping[str, bool]) -> Iterator[dict[str, Any]]:
    """What is wrong with the names of parameters: unknown, or given twice where one value is taken."""
    for name, values in given.lists():
        if name == SORT and SORT not in known:
            yield {"field": name, "detail": "Pages come in an order of their own; sort what you got."}
        elif name not in known:
            yield {"field": _told(name), "detail": f"There is no parameter “{_told(name)}” here{_meant(name, known)}"}
        elif len(values) > 1 and not known[name]:
            yield {"field": name, "detail": f"It is given {len(values)} times and takes one value."}


def unknown_fields(given: Any, shape: Any, at: str = "") -> Iterator[dict[str, Any]]:
    """What is wrong with the names in a body: by its shape, and the shapes within it."""
    if not isinstance(given, Mapping):
        if shape is None and given:
            yield {"field": None, "detail": "This takes no body; nothing was changed."}
        return
    row = shape() if isinstance(shape, type) else shape
    fields = {name: field for name, field in row.fields.items() if not field.read_only} if row is not None else {}
    elsewhere: Mapping[str, str] = getattr(shape, "elsewhere", {})
    for name, value in given.items():
        if name in fields:
            yield from _within(value, fields[name], f"{at}{name}")
        else:
            words = f": {elsewhere[name]}" if name in elsewhere else _meant(name, fields)
            yield {"field": f"{at}{_told(name)}", "detail": f"There is no field “{_told(name)}” here{words}"}


def _body(request: Request, shape: Shape | None) -> Any:
    """What was sent; of a form, which is not read here, whether it held anything where nothing is due."""
    if shape is None and is_form_media_type(request.content_type):
        return {**request._request.POST.dict(), **request._request.FILES.dict()}
    return request.data


def _within(value: Any, field: Any, at: str) -> Iterator[dict[str, Any]]:
    several = isinstance(field, serializers.ListField) and isinstance(field.child, serializers.BaseSerializer)
    if several or isinstance(field, serializers.ListSerializer):
        for number, one in enumerate(value if isinstance(value, list) else ()):
            yield from unknown_fields(one, field.child, f"{at}.{number}.")
    elif isinstance(field, serializers.BaseSerializer):
        yield from unknown_fields(value, field, f"{at}.")


def _meant(name: str, known: Iterable[str]) -> str:
    """What a name was probably meant to be, as the end of a sentence."""
    close = get_close_matches(_told(name), list(known), n=1)
    return f"; did you mean “{close[0]}”?" if close else "."


def _told(name: Any) -> str:
    text = str(NoText(str(name)))
    return text if len(text) <= _LONGEST_TOLD else f"{text[:_LONGEST_TOLD]}…"
