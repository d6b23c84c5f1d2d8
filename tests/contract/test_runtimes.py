"""The thread and the process runtime keep their contract."""

import pytest

from pulsemill.testing import RuntimeFactoryContract
from pulsemill_runtime_process.factory import ProcessRuntimeFactory
from pulsemill_runtime_thread.factory import ThreadRuntimeFactory

pytestmark = [pytest.mark.embedded, pytest.mark.slow]


class TestThreadRuntimeFactory(RuntimeFactoryContract):
    plugin_class = ThreadRuntimeFactory


class TestProcessRuntimeFactory(RuntimeFactoryContract):
    plugin_class = ProcessRuntimeFactory
