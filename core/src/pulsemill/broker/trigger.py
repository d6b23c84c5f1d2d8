"""Sends one message to a function and waits for what it led to.

Upstream: the trigger of org.apache.pulsar.functions.worker.rest.api.FunctionsImpl. The output is recognized by the
properties that every instance adds: the input's topic and its message id.
"""

import asyncio
import base64
from typing import Final

import pulsar
import pulsar.asyncio

from pulsemill.cluster.topic_log import quietly_close
from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

ANSWER_SECONDS: Final = 10.0
INPUT_ID: Final = "__pfn_input_msg_id__"
STANDARD: Final = str.maketrans("-_", "+/")


class TriggerError(PulsemillError):
    """The broker does not let us trigger a function."""


async def trigger(client: pulsar.asyncio.Client, details: FunctionDetails, topic: str, data: bytes) -> bytes | None:
    """The output for `data`, None for a function without output; TimeoutError when none comes in ANSWER_SECONDS."""
    try:
        if not details.sink.topic:
            await send(client, topic, data)
            return None
        reader = await client.create_reader(details.sink.topic, pulsar.MessageId.latest)
        try:
            return await asyncio.wait_for(answer(reader, await send(client, topic, data)), ANSWER_SECONDS)
        finally:
            await quietly_close(reader)
    except pulsar.asyncio.PulsarException as error:
        raise TriggerError(f"cannot trigger {details.name} through {topic}: {error}") from error


async def send(client: pulsar.asyncio.Client, topic: str, data: bytes) -> pulsar.MessageId:
    """Send one message, returning its id."""
    producer = await client.create_producer(topic, batching_enabled=False)
    try:
        return await producer.send(data)
    finally:
        await quietly_close(producer)


async def answer(reader: pulsar.asyncio.Reader, sent: pulsar.MessageId) -> bytes:
    """The first message that says it was made from the sent one."""
    while True:
        message = await reader.read_next()
        if is_about(message.properties().get(INPUT_ID, ""), sent):
            return bytes(message.data())


def is_about(encoded: str, sent: pulsar.MessageId) -> bool:
    """Whether a message id in base64, of either alphabet, names the sent message."""
    try:
        found = pulsar.MessageId.deserialize(base64.b64decode(encoded.translate(STANDARD), validate=True))
    except ValueError:
        return False
    return (found.ledger_id(), found.entry_id()) == (sent.ledger_id(), sent.entry_id())
