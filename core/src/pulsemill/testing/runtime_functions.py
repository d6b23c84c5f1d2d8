"""A function that does as its inputs say, what it runs on, and how a test talks to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import attrs
import pulsar
import pulsar.asyncio

from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.runtime import FunctionPackage
from pulsemill.testing.functions import INPUT, OUTPUT

ANSWER_SECONDS: Final = 20.0
LEAVING: Final = "left as it was told to"

# An input is redelivered to the next life of the instance that it ended, so the function remembers by a file that it
# has left once already.
CODE: Final = """
import pathlib
import sys
import time

import pulsar

class Tested(pulsar.Function):
    def process(self, input, context):
        left = pathlib.Path({folder!r}, "left")
        if input == "leave" and not left.exists():
            left.touch()
            sys.exit({leaving!r})
        if input == "raise":
            raise ValueError("raised as it was told to")
        if input == "block":
            time.sleep(3600)
        return input + {suffix!r}
"""


def write_package(folder: Path, suffix: str = "!") -> FunctionPackage:
    """Write the function into a folder. It appends `suffix` to an input, or leaves, raises or blocks as that says."""
    folder.mkdir(parents=True, exist_ok=True)
    code = folder / "tested.py"
    code.write_text(CODE.format(folder=str(folder), leaving=LEAVING, suffix=suffix))
    return FunctionPackage(code=code, original_name="tested.py", location=str(code))


@asynccontextmanager
async def embedded_broker(folder: Path) -> AsyncIterator[str]:
    """Run a broker on a folder; gives its service URL."""
    with DataDirectory(folder) as directory:
        async with EmbeddedBroker(directory) as broker:
            yield broker.service_url


@attrs.frozen
class Traffic:
    """Inputs and outputs of the tested function."""

    client: pulsar.asyncio.Client
    inputs: pulsar.asyncio.Producer
    outputs: pulsar.asyncio.Consumer

    async def send(self, *texts: str) -> None:
        """Give the function inputs."""
        for text in texts:
            await self.inputs.send(text)

    async def receive(self) -> str:
        """The next output; TimeoutError when there is none."""
        message = await asyncio.wait_for(self.outputs.receive(), ANSWER_SECONDS)
        await self.outputs.acknowledge(message)
        return str(message.value())


@asynccontextmanager
async def traffic(service_url: str) -> AsyncIterator[Traffic]:
    """Connect to the tested function's topics."""
    client = pulsar.asyncio.Client(service_url)
    try:
        schema = pulsar.schema.StringSchema()
        inputs = await client.create_producer(INPUT, schema=schema)
        yield Traffic(client, inputs, await client.subscribe(OUTPUT, "test", schema=schema))
    finally:
        await client.close()
