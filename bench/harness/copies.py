"""The functions that the chaos test runs: each puts every number that it gets out again."""

TOPIC = "persistent://public/default/chaos-in"
FUNCTIONS = {
    "chaos-class": """
import pulsar

class Copy(pulsar.Function):
    def process(self, input, context):
        return input
""",
    "chaos-async": """
import asyncio

import pulsar

class Copy(pulsar.Function):
    async def process(self, input, context):
        await asyncio.sleep(0)
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
