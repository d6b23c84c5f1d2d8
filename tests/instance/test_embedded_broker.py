from typing import Any

import pulsar
import pytest

from pulsemill_instance.embedded_broker import EMBEDDED_BROKER, skip_consumer_ids
from pulsemill_instance.startup_errors import StartupError


class Client:
    """Counts the readers that were made and closed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.opened = self.closed = 0
        self.error = error

    def create_reader(self, *_: Any) -> "Client":
        if self.error:
            raise self.error
        self.opened += 1
        return self

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("instance_id", [0, 1, 5])
def test_an_instance_skips_the_ids_of_those_before_it(monkeypatch: pytest.MonkeyPatch, instance_id: int) -> None:
    monkeypatch.setenv(EMBEDDED_BROKER, "pulsar://127.0.0.1:1")
    client: Any = Client()
    skip_consumer_ids(client, "pulsar://127.0.0.1:1", instance_id)
    assert (client.opened, client.closed) == (instance_id, instance_id)


@pytest.mark.parametrize("embedded", ["", "pulsar://127.0.0.1:2"])
def test_other_brokers_are_left_alone(monkeypatch: pytest.MonkeyPatch, embedded: str) -> None:
    monkeypatch.setenv(EMBEDDED_BROKER, embedded)
    client: Any = Client()
    skip_consumer_ids(client, "pulsar://127.0.0.1:1", 5)
    assert client.opened == 0


def test_a_broker_that_does_not_answer_is_said_to_be_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EMBEDDED_BROKER, "pulsar://127.0.0.1:1")
    client: Any = Client(pulsar.Timeout())
    with pytest.raises(StartupError, match=r"The embedded broker pulsar://127\.0\.0\.1:1 does not answer"):
        skip_consumer_ids(client, "pulsar://127.0.0.1:1", 1)
