"""An embedded broker per test process, and function instances that run against it in threads of the test."""

import contextlib
import logging
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import attrs
import pulsar
import pytest
from pulsar_lite.binary_finder import find_pulsar_lite_binary

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.instance import FunctionInstance, InstanceSpec
from pulsemill_instance.lifecycle import NO_LIFECYCLE, Lifecycle
from pulsemill_instance.proto.Function_pb2 import ConsumerSpec, FunctionDetails
from tests.rig import waiting

WAIT_SECONDS = 20.0
READER_SECONDS = 5.0
QUIET_MS = 1500
"""After which nothing more is expected, on a busy machine too."""


class EmbeddedBroker:
    """pulsar-lite on a free port; `kill` and `start` again keep its messages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "broker.toml").write_text("[metrics]\nenabled = false\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.url = f"pulsar://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        address, folder = f"127.0.0.1:{self._port}", self._folder
        command = [find_pulsar_lite_binary(), "--addr", address, "--log-level", "error"]
        command += ["--db-path", str(folder / "db"), "--config", str(folder / "broker.toml")]
        self._process = subprocess.Popen(command)
        waiting.until(self._answers, seconds=WAIT_SECONDS)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 0.2).close()
        except OSError:
            return False
        return True


@attrs.frozen
class UserCode:
    """A function as the loader would hand it over."""

    process: Callable[..., Any]
    kind: Literal["class", "native"] = "class"
    is_async: bool = False
    classes: dict[str, type] = attrs.field(factory=dict)

    def import_class(self, name: str) -> type:
        if name not in self.classes:
            raise InstanceError(f"no class {name}")
        return self.classes[name]


class Secrets:
    """Returns what `secretsMap` holds, as the clear-text provider does."""

    def provide_secret(self, secret_name: str, path_to_secret: Any) -> str | None:
        return str(path_to_secret)


class Running:
    """An instance in a thread of its own."""

    def __init__(self, instance: FunctionInstance) -> None:
        self.instance = instance
        self.error: InstanceError | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.instance.run()
        except InstanceError as error:
            self.error = error

    @property
    def status(self) -> Any:
        return self.instance.get_function_status()

    def stop(self, seconds: float = 10.0) -> None:
        self.instance.request_stop()
        self.join(seconds)

    def join(self, seconds: float = 10.0) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the instance did not end"


class Harness:
    """Everything a test needs to run one function: topics of its own, a client, and what it started to stop again."""

    def __init__(self, url: str) -> None:
        logger = pulsar.ConsoleLogger(pulsar.LoggerLevel.Error)
        self._connect = partial(pulsar.Client, url, logger=logger, operation_timeout_seconds=10)
        self._clients: list[pulsar.Client] = []
        self.client = self.connect()
        self._running: list[Running] = []
        self._suffix = uuid.uuid4().hex[:10]
        self.input = self.topic("in")
        self.output = self.topic("out")

    def connect(self) -> pulsar.Client:
        self._clients.append(self._connect())
        return self._clients[-1]

    def topic(self, name: str) -> str:
        return f"persistent://public/default/{name}-{self._suffix}"

    def details(self, *inputs: str, **fields: Any) -> FunctionDetails:
        """An at-least-once function with autoAck; `inputs` replaces the default input."""
        details = FunctionDetails(
            tenant="public", namespace="default", name=f"fn-{self._suffix}", className="mod.Fn", autoAck=True
        )
        for topic in inputs or (self.input,):
            details.source.inputSpecs[topic].CopyFrom(ConsumerSpec())
        details.source.subscriptionPosition = 1
        details.sink.topic = self.output
        details.MergeFrom(FunctionDetails(**fields))
        return details

    def instance(
        self,
        process: Callable[..., Any],
        details: FunctionDetails | None = None,
        *,
        instance_id: int = 0,
        logger: logging.Logger | None = None,
        client: pulsar.Client | None = None,
        lifecycle: Lifecycle = NO_LIFECYCLE,
        **code: Any,
    ) -> FunctionInstance:
        spec = InstanceSpec(details or self.details(), instance_id, "function-id", "1", "standalone")
        own = logger or logging.getLogger("function")
        return FunctionInstance(spec, client or self.connect(), UserCode(process, **code), Secrets(), own, lifecycle)

    def start(self, process: Callable[..., Any], details: FunctionDetails | None = None, **options: Any) -> Running:
        running = Running(self.instance(process, details, **options))
        self._running.append(running)
        return running

    def produce(self, *payloads: bytes, topic: str | None = None, batching: bool = True, **options: Any) -> None:
        """Send payloads, with keyword arguments of `send_async`, and wait for the broker."""
        producer = self.client.create_producer(topic or self.input, batching_enabled=batching, block_if_queue_full=True)
        for payload in payloads:
            producer.send_async(payload, None, **options)
        producer.flush()
        producer.close()

    def consume(self, count: int, topic: str | None = None, seconds: float = WAIT_SECONDS) -> list[Any]:
        """The first `count` messages of a topic from its start.

        pulsar-lite may deliver a message several times to a reader that is there when it is stored; once is shown. And
        it may not serve a reader that is opened while much is stored; then another is.
        """
        deadline = time.monotonic() + seconds
        messages: dict[str, Any] = {}
        while len(messages) < count:
            reader = self.client.create_reader(topic or self.output, pulsar.MessageId.earliest)
            with contextlib.suppress(pulsar.Timeout):
                self._read(reader, count, messages, deadline)
            reader.close()
            assert time.monotonic() < deadline, f"{len(messages)} of {count} messages within {seconds} s"
        return list(messages.values())

    def _read(self, reader: pulsar.Reader, count: int, messages: dict[str, Any], deadline: float) -> None:
        while len(messages) < count:
            left = min(READER_SECONDS, deadline - time.monotonic())
            message = reader.read_next(max(1, int(left * 1000)))
            messages.setdefault(str(message.message_id()), message)

    def all_of(self, topic: str | None = None, quiet_ms: int = QUIET_MS) -> list[bytes]:
        """All payloads of a topic, until nothing comes for a while."""
        reader = self.client.create_reader(topic or self.output, pulsar.MessageId.earliest)
        payloads = {}
        try:
            while True:
                message = reader.read_next(quiet_ms)
                payloads[str(message.message_id())] = message.data()
        except pulsar.Timeout:
            return list(payloads.values())
        finally:
            reader.close()

    def unacknowledged(
        self, topic: str | None = None, name: str | None = None, quiet_ms: int = QUIET_MS
    ) -> list[bytes]:
        """What a stopped function's subscription still delivers."""
        consumer = self.client.subscribe(
            topic or self.input,
            name or f"public/default/fn-{self._suffix}",
            consumer_type=pulsar.ConsumerType.Shared,
            initial_position=pulsar.InitialPosition.Earliest,
        )
        payloads = []
        try:
            while True:
                payloads.append(consumer.receive(quiet_ms).data())
        except pulsar.Timeout:
            return payloads
        finally:
            consumer.close()

    def close(self) -> None:
        for running in self._running:
            running.instance.request_stop()
        for running in self._running:
            running.join()
        for client in self._clients:
            client.close()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    broker = EmbeddedBroker(tmp_path_factory.mktemp("broker"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def harness(broker: EmbeddedBroker) -> Iterator[Harness]:
    harness = Harness(broker.url)
    yield harness
    harness.close()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Polls until a condition is true."""
    return partial(waiting.until, seconds=WAIT_SECONDS)
