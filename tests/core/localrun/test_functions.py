"""A function that runs locally is checked as a worker would."""

import pytest

from pulsemill.admin.components import Code
from pulsemill.errors import PulsemillError
from pulsemill.localrun.functions import local_function


def test_an_invalid_function_is_refused_as_a_worker_would() -> None:
    with pytest.raises(PulsemillError, match="No input topic"):
        local_function({"tenant": "t", "namespace": "n", "name": "f", "className": "m.F", "py": "m.py"}, Code())
