"""One function in several languages: it puts an exclamation mark behind each text."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pulsar

from tests.rig.broker import Broker

PYTHON_PACKAGE = Path(__file__).parents[4] / "examples/functions/exclamation.py"
STAYING_PROGRAM = Path(__file__).with_name("stay.sh")
RECEIVE_MILLISECONDS = 60_000


@attrs.frozen
class Functions:
    """Makes functions' configurations and moves messages through them."""

    client: pulsar.Client
    java_package: Path

    @classmethod
    @contextmanager
    def ready(cls, broker: Broker, java_package: Path) -> Iterator["Functions"]:
        """With a client of the broker."""
        client = pulsar.Client(broker.service_url, logger=pulsar.ConsoleLogger(pulsar.LoggerLevel.Error))
        try:
            yield cls(client, java_package)
        finally:
            client.close()

    def java(self, name: str) -> tuple[dict[str, Any], Path]:
        """Configuration and package of upstream's example."""
        class_name = "org.apache.pulsar.functions.api.examples.ExclamationFunction"
        return {**_common(name), "runtime": "JAVA", "className": class_name, "jar": "x.jar"}, self.java_package

    def python(self, name: str) -> tuple[dict[str, Any], Path]:
        """Configuration and package of our example."""
        return {**_common(name), "runtime": "PYTHON", "className": "exclamation", "py": "x.py"}, PYTHON_PACKAGE

    def go(self, name: str, program: Path = STAYING_PROGRAM) -> tuple[dict[str, Any], Path]:
        """Configuration and package of a program, by default one that only stays, to look at its command line."""
        return {**_common(name), "runtime": "GO", "className": "exclaim", "go": "exclaim"}, program

    def exclaim(self, name: str, *texts: str) -> list[str]:
        """What the function of this name makes of the texts."""
        consumer = self.client.subscribe(f"{name}-out", "test", initial_position=pulsar.InitialPosition.Earliest)
        producer = self.client.create_producer(f"{name}-in", schema=pulsar.schema.StringSchema())
        try:
            for text in texts:
                producer.send(text)
            return [self._receive(consumer) for _ in texts]
        finally:
            producer.close()
            consumer.close()

    def _receive(self, consumer: pulsar.Consumer) -> str:
        message = consumer.receive(RECEIVE_MILLISECONDS)
        consumer.acknowledge(message)
        return str(message.data().decode())


def _common(name: str) -> dict[str, Any]:
    topic = f"persistent://public/default/{name}"
    return {
        "tenant": "public",
        "namespace": "default",
        "name": name,
        "inputs": [f"{topic}-in"],
        "output": f"{topic}-out",
        "subscriptionPosition": "Earliest",
        "parallelism": 1,
        "autoAck": True,
    }
