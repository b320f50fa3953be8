"""The product's addresses, and the same pages from values in memory: what a page can cost at the least."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.context import company_of
from accounts.http import page
from accounts.rights import Right
from customers.models import Customer
from scorecard.pages.cells import MatrixPage, matrix_text
from scorecard.views.matrix import private

# Set by bench.pages before it asks.
remembered: dict[str, Any] = {}


@page(Right.READ)
@private
def remembered_page(request: HttpRequest) -> HttpResponse:
    """The matrix page of a value that was gathered before."""
    found: MatrixPage = remembered["page"]
    text = matrix_text(found, company_of(request))
    return render(request, "scorecard/matrix.html", {"period": found.matrix.period, "text": text})


class MatrixView(APIView):
    """The matrix's JSON of a value that was gathered before."""

    required_right = Right.READ

    def get(self, request: Request) -> Response:
        """The same answer each time."""
        return Response(remembered["json"])


class _Plain(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = ("id", "external_id", "name", "region", "is_key_account")


class RowsView(ListAPIView[Customer]):
    """Fifty rows of one table, by the REST framework as it comes."""

    required_right = Right.READ
    queryset = Customer.objects.order_by("pk")[:50]
    serializer_class = _Plain
    pagination_class = None
    filter_backends = ()


urlpatterns = [
    path("bench/rows/", RowsView.as_view()),
    path("bench/page/", remembered_page),
    path("bench/json/", MatrixView.as_view()),
    path("", include("config.urls")),
]
