"""What the pages' tests share."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import signed_in
from tests.kept import kept
from tests.scorecard.stage import Stage, set_stage


@kept
def stage(db: None) -> Stage:
    """The small company."""
    return set_stage()


@pytest.fixture
def browser(ines: User) -> Client:
    """The executive's."""
    return signed_in(ines)
