"""What the web server loads before its workers are forked."""

from __future__ import annotations

from django.template import engines

from config.loading import compile_templates


def test_every_template_of_the_product_compiles_and_is_kept() -> None:
    number = compile_templates()
    (loader,) = engines["django"].engine.template_loaders  # type: ignore[attr-defined]
    assert number > 300
    assert len(loader.get_template_cache) >= number
