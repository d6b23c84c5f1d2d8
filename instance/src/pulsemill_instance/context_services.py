"""What all contexts of an instance share."""

import json
import logging
from typing import Any

import attrs
import pulsar

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.interfaces import SecretsProvider
from pulsemill_instance.publisher import Publisher
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.state.function_state import State
from pulsemill_instance.stats import Stats
from pulsemill_instance.windowing.settings import WINDOW_KEY


@attrs.define(eq=False)
class ContextServices:
    """The function, its inputs, and what it may use. `repr` shows no configuration: it may hold secrets."""

    spec: InstanceSpec
    client: pulsar.Client
    logger: logging.Logger
    secrets: SecretsProvider = attrs.field(repr=False)
    stats: Stats
    publisher: Publisher
    state: State
    inputs: list[Input]
    user_config: dict[str, Any] = attrs.field(init=False, repr=False)
    secrets_map: dict[str, Any] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        details = self.spec.function_details
        self.user_config = _json_object("userConfig", details.userConfig)
        self.user_config.pop(WINDOW_KEY, None)
        self.secrets_map = _json_object("secretsMap", details.secretsMap)

    def input_of(self, topic: str) -> Input:
        """The input that delivers a topic's messages; ValueError when none does."""
        for source in self.inputs:
            if source.delivers(topic):
                return source
        known = ", ".join(source.topic for source in self.inputs)
        raise ValueError(f"Invalid topicname {topic}: the function's inputs are {known}")


def _json_object(field: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = text
    if isinstance(value, dict | None):
        return value or {}
    # The text may hold secrets: the error names its place only.
    raise InstanceError(f"{field} of the function is no JSON object")
