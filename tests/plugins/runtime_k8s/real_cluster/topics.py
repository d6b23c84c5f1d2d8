"""A function's topics, from outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pulsar

RECEIVE_MILLISECONDS = 120_000


@attrs.frozen
class Topics:
    """Makes functions' configurations and moves texts through them."""

    client: pulsar.Client

    def exclaim(self, name: str, *texts: str) -> list[str]:
        """What the function of this name makes of the texts, sorted."""
        consumer = self.client.subscribe(f"{name}-out", "test", initial_position=pulsar.InitialPosition.Earliest)
        producer = self.client.create_producer(f"{name}-in", schema=pulsar.schema.StringSchema())
        try:
            for text in texts:
                producer.send(text)
            return sorted(self._receive(consumer) for _ in texts)
        finally:
            producer.close()
            consumer.close()

    def send(self, name: str, text: str) -> None:
        """Give the function of this name a text."""
        producer = self.client.create_producer(f"{name}-in", schema=pulsar.schema.StringSchema())
        producer.send(text)
        producer.close()

    @contextmanager
    def read(self, name: str) -> Iterator[Callable[[], str]]:
        """What answers the next text that the function of this name puts out."""
        consumer = self.client.subscribe(f"{name}-out", "reading", initial_position=pulsar.InitialPosition.Earliest)
        try:
            yield lambda: self._receive(consumer)
        finally:
            consumer.close()

    def _receive(self, consumer: pulsar.Consumer) -> str:
        message = consumer.receive(RECEIVE_MILLISECONDS)
        consumer.acknowledge(message)
        return str(message.data().decode())


def exclaiming(name: str, **more: Any) -> dict[str, Any]:
    """The configuration of a function from NAME-in to NAME-out."""
    topic = f"persistent://public/default/{name}"
    resources = {"cpu": 0.3, "ram": 128 * 1024**2, "disk": 1024**3}
    return {
        "tenant": "public",
        "namespace": "default",
        "name": name,
        "className": "exclaim.Exclaim",
        "runtime": "PYTHON",
        "py": "exclaim.py",
        "inputs": [f"{topic}-in"],
        "output": f"{topic}-out",
        "resources": resources,
        "cleanupSubscription": True,
        "subscriptionPosition": "Earliest",
        **more,
    }


def exclaim_package(folder: Path, mark: str = "!") -> Path:
    """A function that puts a mark behind each text."""
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / "exclaim.py"
    lines = ("class Exclaim:", "    def process(self, input, context):", f"        return f'{{input}}{mark}'", "")
    package.write_text("\n".join(lines))
    return package
