"""What a case has: topics of its own on the shared broker, and the programs that it starts."""

import itertools
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import attrs
import httpx2
import pulsar

from pulsemill_instance.proto.Function_pb2 import EARLIEST, ConsumerSpec, FunctionDetails
from tests.cases.program import PATIENCE_SECONDS, Program, ProgramKind, Start
from tests.rig.broker import Broker
from tests.rig.waiting import until

NAMESPACE = "public/cases"
DEDUPLICATED = "public/cases-deduplicated"
_SENT_SECONDS = 60


@attrs.frozen
class Surroundings:
    """What all cases share."""

    broker: Broker
    client: pulsar.Client
    admin: httpx2.Client


def prepare(admin: httpx2.Client) -> None:
    """Make the namespaces of the cases; the cases' topics are theirs, and so is deduplication."""
    for namespace in (NAMESPACE, DEDUPLICATED):
        if admin.get(f"namespaces/{namespace}").status_code == httpx2.codes.NOT_FOUND:
            admin.put(f"namespaces/{namespace}").raise_for_status()
    admin.post(f"namespaces/{DEDUPLICATED}/deduplication", json=True).raise_for_status()


class World:
    """One case. Its function reads `input` from the start and writes to `output`, at least once, unless told."""

    def __init__(self, shared: Surroundings, kind: ProgramKind, folder: Path, name: str, patience: float) -> None:
        self.shared, self.kind, self.folder, self.patience = shared, kind, folder, patience
        self.name = name
        self.namespace = NAMESPACE
        self.started: list[Program] = []
        self._numbers = itertools.count()

    @property
    def input(self) -> str:
        return self.topic("in")

    @property
    def output(self) -> str:
        return self.topic("out")

    @property
    def subscription(self) -> str:
        return f"public/default/{self.name}"

    def topic(self, name: str) -> str:
        return f"persistent://{self.namespace}/{self.name}-{name}"

    def details(self, *inputs: str, **fields: Any) -> FunctionDetails:
        """A function's details; `inputs` replaces the default input."""
        details = FunctionDetails(
            tenant="public",
            namespace="default",
            name=self.name,
            runtime=FunctionDetails.PYTHON,
            autoAck=True,
            parallelism=1,
        )
        details.source.subscriptionPosition = EARLIEST
        details.sink.topic = self.output
        for topic in inputs or (self.input,):
            details.source.inputSpecs[topic].CopyFrom(ConsumerSpec())
        details.MergeFrom(FunctionDetails(**fields))
        return details

    def write(self, source: str) -> Path:
        """The file of a function's module `userfn`."""
        path = self.folder / f"code{next(self._numbers)}" / "userfn.py"
        path.parent.mkdir()
        path.write_text(dedent(source))
        return path

    def start(self, source: str, details: FunctionDetails | None = None, **options: Any) -> Program:
        """Start an instance of `class Fn` of a source, or of its `process` without one."""
        details = details or self.details()
        details.className = details.className or ("userfn.Fn" if "class Fn" in source else "userfn")
        return self.start_package(self.write(source), details, **options)

    def start_package(self, package: Path, details: FunctionDetails, **options: Any) -> Program:
        start = Start(details, package, self.shared.broker.service_url, **options)
        program = Program(self.kind, start, self.folder / f"instance{next(self._numbers)}")
        self.started.append(program)
        return program

    def produce(self, *payloads: Any, topic: str | None = None, batch: int = 1, **options: Any) -> list[Any]:
        """Send payloads in batches of a size, with keyword arguments of `send_async`; the ids that they got."""
        schema = options.pop("schema", pulsar.schema.BytesSchema())
        batching = {
            "batching_enabled": batch > 1,
            "batching_max_messages": max(batch, 2),
            "batching_max_publish_delay_ms": 1000,
        }
        ids: dict[int, Any] = {}
        arguments = {**batching, "block_if_queue_full": True, "schema": schema}
        producer = self.shared.client.create_producer(topic or self.input, **arguments)
        with closing(producer):
            for number, payload in enumerate(payloads):
                producer.send_async(payload, _keep(ids, number), **options)
            producer.flush()
        until(lambda: len(ids) == len(payloads), seconds=_SENT_SECONDS)
        return [ids[number] for number in range(len(payloads))]

    def consume(self, count: int, topic: str | None = None) -> list[Any]:
        """The first `count` messages of a topic."""
        with closing(self.shared.client.create_reader(topic or self.output, pulsar.MessageId.earliest)) as reader:
            return [self._next(reader, f"{count} messages of {topic or self.output}") for _ in range(count)]

    def values(self, count: int, topic: str | None = None) -> list[str]:
        """The payloads of the first `count` messages as text."""
        return [message.data().decode() for message in self.consume(count, topic)]

    def stored(self, topic: str | None = None) -> list[str]:
        """All that a topic holds now, as text."""
        with closing(self.shared.client.create_reader(topic or self.output, pulsar.MessageId.earliest)) as reader:
            payloads = []
            while reader.has_message_available():
                payloads.append(reader.read_next(int(PATIENCE_SECONDS * 1000)).data().decode())
            return payloads

    def stats(self, topic: str | None = None) -> dict[str, Any]:
        """The broker's figures of a topic, empty while there is no such topic."""
        answer = self.shared.admin.get(f"{admin_path(topic or self.input)}/stats")
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return {}
        return dict(answer.raise_for_status().json())

    def subscribed(self, topic: str | None = None, name: str | None = None) -> dict[str, Any]:
        """The broker's figures of the function's subscription, empty while there is none."""
        return dict(self.stats(topic).get("subscriptions", {}).get(name or self.subscription, {}))

    def backlog(self, topic: str | None = None) -> int:
        """How many entries of the input the function has not acknowledged; -1 without subscription."""
        return int(self.subscribed(topic).get("msgBacklog", -1))

    def ready(self, topic: str | None = None, consumers: int = 1) -> None:
        """Wait until that many instances have subscribed."""
        self.until(lambda: len(self.subscribed(topic).get("consumers", [])) == consumers)

    def acknowledged(self, topic: str | None = None, left: int = 0) -> None:
        """Wait until all but `left` entries of the input are acknowledged."""
        self.until(lambda: self.backlog(topic) == left)

    def until(self, question: Callable[[], Any]) -> Any:
        return until(question, lambda: _Explained(self.started), self.patience)

    def close(self) -> None:
        for program in self.started:
            program.close()

    def _next(self, reader: Any, what: str) -> Any:
        try:
            return reader.read_next(int(self.patience * 1000))
        except pulsar.Timeout:
            raise AssertionError(f"{what} did not come: {_Explained(self.started)}") from None


def admin_path(topic: str) -> str:
    """A topic's path in the admin API."""
    return topic.replace("://", "/")


def _keep(ids: dict[int, Any], number: int) -> Callable[[Any, Any], None]:
    def kept(_result: Any, message_id: Any) -> None:
        ids[number] = message_id

    return kept


@attrs.frozen
class _Explained:
    programs: Iterable[Program]

    def __str__(self) -> str:
        return "\n".join(str(program) for program in self.programs)
