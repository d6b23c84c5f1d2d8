"""Acceptance cases 32, 33 and 35: configuration, secrets and state."""

import json

import pytest

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from tests.cases.world import World

pytestmark = pytest.mark.pulsar

VALUE = """
    class Fn:
        def process(self, x, context):
            return f"{context.get_user_config_value('x')} {'x' in context.get_user_config_map()}"
"""
MAP = """
    import json
    class Fn:
        def process(self, x, context):
            return json.dumps(context.get_user_config_map())
"""
REVEAL = """
    class Fn:
        def process(self, name, context): return repr(context.get_secret(name))
"""
STATE = """
    class Fn:
        def process(self, x, context):
            return str(eval(x))
"""


def _answer(world: World, source: str, question: bytes, details: FunctionDetails | None = None) -> str:
    world.start(source, details)
    world.produce(question)
    (answer,) = world.values(1)
    return answer


def test_case_32_a_missing_value_of_no_user_config_is_none(world: World) -> None:
    assert _answer(world, VALUE, b"?") == "None False"


def test_case_32_the_map_of_no_user_config_is_empty(world: World) -> None:
    assert _answer(world, MAP, b"?") == "{}"


def test_case_32_nested_user_config_is_preserved(world: World) -> None:
    config = {"x": {"y": [1, None, "z", 2.5]}}
    assert json.loads(_answer(world, MAP, b"?", world.details(userConfig=json.dumps(config)))) == config


@pytest.mark.parametrize(
    ("provider", "revealed"), [("ClearTextSecretsProvider", "mapped"), ("EnvironmentBasedSecretsProvider", "outside")]
)
def test_case_33_secrets_come_from_the_provider(world: World, provider: str, revealed: str) -> None:
    details = world.details(secretsMap='{"PASSWORD": "mapped"}')
    options = {"secrets_provider": f"secretsprovider.{provider}", "environ": {"PASSWORD": "outside"}}
    program = world.start(REVEAL, details, **options)
    world.produce(b"PASSWORD", b"UNKNOWN")
    assert world.values(2) == [repr(revealed), "None"]
    assert "mapped" not in " ".join(program.command)


def _ask(world: World, *expressions: str) -> None:
    world.produce(*(expression.encode() for expression in expressions))


def test_case_35_state_is_kept_for_all_instances(world: World) -> None:
    url = world.shared.broker.state_storage_service_url
    first = world.start(STATE, state_storage_url=url)
    _ask(world, "context.incr_counter('c', 3)", "context.incr_counter('c', -1)", "context.get_counter('c')")
    _ask(world, "context.put_state('k', 'text')", "context.get_state('k')", "context.get_state('none')")
    assert world.values(6) == ["None", "None", "2", "None", "b'text'", "None"]
    assert first.stop() == 0
    world.start(STATE, state_storage_url=url, instance_id=1)
    _ask(world, "context.get_counter('c')", "context.get_state('k')")
    assert world.values(8)[6:] == ["2", "b'text'"]


def test_case_35_a_deleted_counter_is_none(world: World) -> None:
    world.start(STATE, state_storage_url=world.shared.broker.state_storage_service_url)
    _ask(world, "context.incr_counter('c', 3)", "context.del_counter('c')", "context.get_counter('c')")
    assert world.values(3) == ["None", "None", "None"]


def test_case_35_without_state_reads_are_none(world: World) -> None:
    world.start(STATE)
    _ask(world, "context.get_state('k')", "context.get_counter('c')")
    assert world.values(2) == ["None", "None"]


def test_case_35_without_state_a_deletion_says_why_it_is_refused(world: World) -> None:
    program = world.start(STATE)
    _ask(world, "context.del_counter('c')")
    program.met(user_exceptions=1)
    failure = program.status.latestUserExceptions[0].exceptionString
    assert "AttributeError" not in failure
    assert "state is not enabled" in failure
