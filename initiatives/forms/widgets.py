"""Widgets for forms with hundreds of choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class QuickSelect(forms.Select):
    """A select that is written without a template per option, which take longer than the list that they filter."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The select with its options."""
        built = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        chosen = set(self.format_value(value))
        return format_html("<select{}>{}</select>", flatatt(built), self._written(chosen))

    def _written(self, chosen: set[str]) -> SafeString:
        pairs: Iterable[tuple[str, str]] = ((str(key), str(label)) for key, label in self.choices)
        return format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, flatatt({"selected": key in chosen}), label) for key, label in pairs),
        )
