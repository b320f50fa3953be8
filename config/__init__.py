import gc

# Python looks for what nobody holds any more whenever it holds 700 things more than before. A start holds ever more and
# lets go of nothing: it took a tenth of its time looking.
gc.set_threshold(10_000, 10, 10)

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
