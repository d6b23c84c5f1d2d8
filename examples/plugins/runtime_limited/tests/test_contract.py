"""Pulsemill's own suite: what a worker expects of every runtime."""

from typing import ClassVar

import pytest
from acme_runtime_limited.factory import LimitedRuntimeFactory

from pulsemill.testing import RuntimeFactoryContract

pytestmark = [pytest.mark.embedded, pytest.mark.slow]


class TestLimitedRuntimeFactory(RuntimeFactoryContract):
    plugin_class = LimitedRuntimeFactory
    configuration: ClassVar = {"logDirectory": "logs", "openFiles": 128, "niceness": "5", "environment": ["PATH"]}
