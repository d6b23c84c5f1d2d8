"""What all tests share: the servers of `tests/rig`, and how they treat the machine that they run on."""

import logging
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["tests.rig.plugin", "tests.rig.kubernetes.plugin"]

# A slow moment of a shared machine is no finding.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

# Shells start background jobs with SIGINT ignored, and every child inherits that: then nothing could be interrupted.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def unreported() -> Iterator[None]:
    """What is logged stays out of the report: one with half a character in it ends pytest-xdist's worker."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
