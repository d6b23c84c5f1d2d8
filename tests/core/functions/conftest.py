"""FunctionConfigs to start from."""

from collections.abc import Callable
from typing import Any

import pytest

from pulsemill.functions.enums import Runtime
from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import FunctionConfig

MakeConfig = Callable[..., FunctionConfig]


@pytest.fixture
def make_config() -> MakeConfig:
    """A complete Python function, with fields changed."""

    def make(**fields: Any) -> FunctionConfig:
        minimal = {
            "tenant": "public",
            "namespace": "default",
            "name": "f",
            "class_name": "module.Class",
            "inputs": ("in",),
            "runtime": Runtime.PYTHON,
        }
        return infer_missing_arguments(FunctionConfig(**{**minimal, **fields}), forward_source_message_property=True)

    return make
