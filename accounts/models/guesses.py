"""Failed guesses at passwords and tokens, which are counted for a quarter of an hour."""

from __future__ import annotations

from django.db import models


class FailedGuess(models.Model):
    """One guess that failed: at which account (blank: at a token), from which network, when.

    An IPv6 network is the /64 that one customer of a provider has to choose addresses from.
    """

    account = models.CharField(max_length=255, blank=True)
    network = models.CharField(max_length=45, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "failed guesses"
        indexes = [
            models.Index(fields=["account", "at"], name="guesses_at_an_account"),
            models.Index(fields=["network", "at"], name="guesses_from_a_network"),
        ]

    def __str__(self) -> str:
        return f"{self.account or 'a token'} from {self.network}"
