"""What an instance says of itself around its run."""

import logging
import threading
from typing import Any

import pulsar
import pytest

from pulsemill_instance.instance import STARTING, FunctionInstance, InstanceError, InstanceSpec
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

WAIT_SECONDS = 5.0


class HeldClient:
    """A client whose broker takes its time with a subscription, then refuses it."""

    def __init__(self) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()
        self.refusal: Exception = pulsar.ConnectError("Pulsar error: ConnectError")

    def subscribe(self, *_: Any, **__: Any) -> None:
        self.asked.set()
        self.answer.wait(WAIT_SECONDS)
        raise self.refusal

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"an instance that is not subscribed needs no {name}")


class Code:
    kind, is_async = "native", False

    @staticmethod
    def process(value: Any) -> Any:
        return value


@pytest.fixture
def client() -> HeldClient:
    return HeldClient()


@pytest.fixture
def instance(client: Any) -> FunctionInstance:
    details = FunctionDetails(tenant="public", namespace="default", name="fn", className="fn", autoAck=True)
    details.source.inputSpecs["in"].SetInParent()
    code: Any = Code()
    nobody: Any = None
    spec = InstanceSpec(details, 0, "function-id", "1", "standalone")
    return FunctionInstance(spec, client, code, nobody, logging.getLogger("function"))


def fail_to_run(instance: FunctionInstance) -> None:
    with pytest.raises(InstanceError):
        instance.run()


def test_it_does_not_run_before_it_is_subscribed(instance: FunctionInstance, client: HeldClient) -> None:
    runner = threading.Thread(target=fail_to_run, args=(instance,))
    runner.start()
    assert client.asked.wait(WAIT_SECONDS)
    status = instance.get_function_status()
    assert (status.running, status.failureException) == (False, STARTING)
    client.answer.set()
    runner.join(WAIT_SECONDS)
    assert not runner.is_alive()


def test_one_that_could_not_start_says_why(instance: FunctionInstance, client: HeldClient) -> None:
    client.answer.set()
    fail_to_run(instance)
    status = instance.get_function_status()
    assert not status.running
    assert "ConnectError" in status.failureException


@pytest.mark.usefixtures("unreported")
def test_a_half_character_in_the_reason_breaks_no_status(instance: FunctionInstance, client: HeldClient) -> None:
    client.refusal = InstanceError("unknown \ud83d")
    client.answer.set()
    fail_to_run(instance)
    assert "unknown \\ud83d" in instance.get_function_status().failureException


def test_a_half_character_in_what_blocks_it_breaks_no_status(instance: FunctionInstance) -> None:
    instance._blocked("the function \ud83d does not return")
    assert instance.get_function_status().failureException == "the function \\ud83d does not return"


def test_its_metrics_are_none_of_the_processs(instance: FunctionInstance) -> None:
    """Which has other instances too, in the thread runtime."""
    assert "python_info" not in instance.prometheus_metrics()
