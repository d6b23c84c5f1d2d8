"""The functions that the chaos test runs: each puts every number that it gets out again.

They take their time, so that a kill always finds numbers in their hands, some of them for longer than the 100 ms by
which a client holds acknowledgments back: one given too early would be found.
"""

TOPIC = "persistent://public/default/chaos-in"
FUNCTIONS = {
    "chaos-class": """
import time

import pulsar

class Copy(pulsar.Function):
    def process(self, input, context):
        time.sleep(0.001)
        return input
""",
    "chaos-async": """
import asyncio

import pulsar

class Copy(pulsar.Function):
    async def process(self, input, context):
        await asyncio.sleep(0.15)
        return input
""",
}
PARALLELISM = {"chaos-class": 2, "chaos-async": 1}


def output_of(name: str) -> str:
    """A function's output topic."""
    return f"persistent://public/default/{name}-out"


def function_config(name: str) -> dict[str, object]:
    """The rest of a function's registration."""
    return {
        "className": f"{name.replace('-', '_')}.Copy",
        "inputs": [TOPIC],
        "output": output_of(name),
        "runtime": "PYTHON",
        "parallelism": PARALLELISM[name],
        "subscriptionPosition": "Earliest",
    }
