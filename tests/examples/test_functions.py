"""The example functions do what their descriptions say, and the files beside them are valid."""

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pulsemill.cli.components.config_file import load_config_file
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.config.loader import load_worker_config

EXAMPLES = Path(__file__).parents[2] / "examples/functions"


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class Context:
    """Records what a function does with its context."""

    def __init__(self, **user_config: Any) -> None:
        self.user_config = user_config
        self.done: list[tuple[Any, ...]] = []
        self.counters: Counter[str] = Counter()
        self.state: dict[str, str] = {}

    def get_user_config_value(self, key: str) -> Any:
        return self.user_config.get(key)

    def get_function_name(self) -> str:
        return "example"

    def get_logger(self) -> "Context":
        return self

    def info(self, *args: Any) -> None:
        self.done.append(("info", *args))

    def incr_counter(self, key: str, amount: int) -> None:
        self.counters[key] += amount

    def get_counter(self, key: str) -> int:
        return self.counters[key]

    def put_state(self, key: str, value: str) -> None:
        self.state[key] = value

    def record_metric(self, name: str, value: float) -> None:
        self.done.append(("metric", name, value))

    def publish(self, topic: str, message: str, properties: dict[str, str]) -> None:
        self.done.append(("publish", topic, message, properties))


def test_exclamation() -> None:
    assert module("exclamation").process("hello") == "hello!"


def test_temperature() -> None:
    temperature, context = module("temperature"), Context()
    serde = temperature.DegreesSerDe()

    assert serde.serialize(temperature.ToFahrenheit().process(serde.deserialize(b"20.0"), context)) == b"68.0"
    assert context.done == [("metric", "celsius", 20.0)]


def test_router() -> None:
    context = Context(routes={"error": "alarms"})
    router = module("router").Router()
    router.process("Error disk full", context)
    router.process("hello", context)

    assert context.done == [
        ("publish", "alarms", "Error disk full", {"routed-by": "example"}),
        ("info", "no route for %r", "hello"),
    ]


def test_sieve() -> None:
    sieve, context = module("sieve").Sieve(), Context(pattern="error|warning")

    assert [sieve.process(line, context) for line in ("an ERROR", "fine", 42)] == ["an ERROR", None, None]


def test_visits() -> None:
    visits, context = module("visits").Visits(), Context()

    assert [visits.process(page, context) for page in ("home", "about", "home")] == ["home: 1", "about: 1", "home: 2"]
    assert context.state == {"last": "home"}


def test_the_function_configuration_is_valid_and_names_its_code() -> None:
    config = load_config_file(FUNCTION, EXAMPLES / "exclamation.yaml")

    assert (EXAMPLES / config["py"]).is_file()


@pytest.mark.parametrize("runtime", ["thread", "process"])
def test_the_worker_configurations_load_without_a_finding(runtime: str) -> None:
    config, findings = load_worker_config(EXAMPLES / f"functions_worker.{runtime}.yml", {}, strict=True)

    assert f".{runtime}." in config.function_runtime_factory_class_name
    assert [finding for finding in findings if finding.severity.name != "INFO"] == []


def test_every_file_is_in_the_table() -> None:
    readme = (EXAMPLES / "README.md").read_text()

    assert [
        path.name for path in EXAMPLES.iterdir() if path.suffix in {".py", ".yml", ".yaml"} and path.name not in readme
    ] == []


def test_mean_takes_the_readings_of_a_window() -> None:
    mean, context = module("mean").Mean(), Context(digits=1)
    mean.initialize(context)
    assert mean.process([20.0, 21.0, 22.5], context) == "21.2 of 3"
    assert context.done == [("metric", "readings", 3)]
