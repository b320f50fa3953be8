"""Where resources of the API say their own address, so that a new one is nobody else's file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from rest_framework.routers import BaseRouter
from rest_framework.viewsets import ViewSetMixin

V = TypeVar("V", bound=type[ViewSetMixin])
_resources: dict[str, type[ViewSetMixin]] = {}
_PLURAL = re.compile(r"(?<=tch)es$|s$")


def resource(address: str) -> Callable[[V], V]:
    """Have a class answer at ``/api/v1/{address}/``; its addresses are named after one row: ``api-tier-list``."""

    def register(view: V) -> V:
        _resources[address] = view
        return view

    return register


def fill(router: BaseRouter, apps: Iterable[str]) -> None:
    """Give a router every resource that a module of these apps' ``api`` says."""
    for app in apps:
        package = import_module(f"{app}.api")
        for module in iter_modules(getattr(package, "__path__", ())):
            import_module(f"{app}.api.{module.name}")
    for address, view in _resources.items():
        router.register(address, view, basename=f"api-{_PLURAL.sub('', address)}")
