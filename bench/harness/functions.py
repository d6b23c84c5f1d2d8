"""The functions that are measured, in Python, and how a worker or an instance is told of them."""

import attrs

from pulsemill_instance.proto.Function_pb2 import EARLIEST, ConsumerSpec, FunctionDetails, SinkSpec, SourceSpec

EXCLAIM = 'def process(input):\n    return input + "!"\n'
SLEEP = 'import time\n\n\ndef process(input):\n    time.sleep(0.005)\n    return input + "!"\n'
POOL = '{"pulsemill.concurrency": 100}'
SLEEP_ASYNC = 'import asyncio\n\n\nasync def process(input):\n    await asyncio.sleep(0.005)\n    return input + "!"\n'
HASH = """
import hashlib


def process(input):
    digest = input.encode()
    for _ in range(300):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()
"""


@attrs.frozen
class Job:
    """A function over a backlog. `name` is its module, its subscription's end and the key of its topics.

    `user_config` is JSON.
    """

    name: str
    code: str
    source: str
    target: str
    user_config: str = ""

    def details(self) -> FunctionDetails:
        """As the worker would describe it."""
        specs = {self.source: ConsumerSpec()}
        return FunctionDetails(
            tenant="public",
            namespace="default",
            name=self.name,
            className="measured",
            runtime=FunctionDetails.PYTHON,
            autoAck=True,
            userConfig=self.user_config,
            parallelism=1,
            source=SourceSpec(inputSpecs=specs, subscriptionPosition=EARLIEST),
            sink=SinkSpec(topic=self.target),
        )
