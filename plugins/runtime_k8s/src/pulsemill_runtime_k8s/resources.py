"""The resources of a function's container."""

from typing import Any, Final

from pulsemill.config.resources import GIBIBYTE
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.quantities import cpu_quantity, memory_quantity, round_half_up
from pulsemill_runtime_k8s.settings import Settings

DEFAULT_CPU: Final = 1.0
DEFAULT_RAM: Final = GIBIBYTE


def resource_requirements(details: FunctionDetails, settings: Settings) -> dict[str, Any]:
    """Requests and limits: what the function asks for, padded, and its requests divided by the over-commit ratios."""
    ram = details.resources.ram or DEFAULT_RAM
    memory = ram + round_half_up(ram * (settings.percent_memory_padding / 100.0))
    cpu = details.resources.cpu or DEFAULT_CPU
    return {
        "requests": {
            "cpu": cpu_quantity(cpu / settings.cpu_over_commit_ratio),
            "memory": memory_quantity(int(memory / settings.memory_over_commit_ratio)),
        },
        "limits": {"cpu": cpu_quantity(cpu), "memory": memory_quantity(memory)},
    }
