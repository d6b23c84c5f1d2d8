"""The example functions, as they are registered and as they behave."""

import asyncio
import json

from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.reading import read_object
from pulsemill.functions.validation import validate_function
from pulsemill.quickstart.catalog import EXAMPLES, RUNTIMES, registrations
from pulsemill.quickstart.functions.enrich import Enrich, JsonSerDe
from pulsemill.quickstart.functions.lookup import Lookup
from pulsemill.quickstart.functions.wordcount import WordCount


class Context:
    """The few methods that the examples call."""

    def __init__(self) -> None:
        self.metrics: list[tuple[str, float]] = []

    def record_metric(self, name: str, value: float) -> None:
        self.metrics.append((name, value))

    def get_user_config_value(self, key: str) -> str | None:
        return {"field": "body"}.get(key)

    def get_function_tenant(self) -> str:
        return "t"

    def get_function_namespace(self) -> str:
        return "n"

    def get_function_name(self) -> str:
        return "f"

    def get_instance_id(self) -> str:
        return "0"


def test_every_example_is_registered_under_every_runtime() -> None:
    chosen = registrations()

    assert len(chosen) == len(EXAMPLES) * len(RUNTIMES) == len({each.name for each in chosen})
    assert len({each.output for each in chosen}) == len(chosen)


def test_every_registration_is_valid_and_its_code_is_in_the_package() -> None:
    for each in registrations():
        given = read_object(FunctionConfig, each.function_config(), "functionConfig")
        validate_function(infer_missing_arguments(given, forward_source_message_property=True))
        assert f"class {each.example.class_name.partition('.')[2]}" in each.example.file.read_text()


def test_wordcount_remembers() -> None:
    function, context = WordCount(), Context()

    assert function.process("To be or not to be", context) == "to=2 be=2 or=1 not=1"
    assert function.process("be", context) == "be=3"
    assert context.metrics == [("words", 6), ("words", 1)]


def test_enrich_adds_to_a_record() -> None:
    serde = JsonSerDe()
    output = Enrich().process(serde.deserialize(b'{"body": "to be", "n": 1}'), Context())

    assert json.loads(serde.serialize(output)) == {"body": "to be", "n": 1, "words": 2, "by": "t/n/f:0"}


def test_lookup_awaits_its_service() -> None:
    assert asyncio.run(Lookup().process("to wander", None)) == "wander: 6 letters"
    assert asyncio.run(Lookup().process("--", None)) == "(no word): 0 letters"
