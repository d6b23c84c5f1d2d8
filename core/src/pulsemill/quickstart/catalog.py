"""What quickstart runs: three example functions, each under both runtimes. Pure."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs

from pulsemill.names import FunctionName

TENANT = "public"
NAMESPACE = "default"
RUNTIMES = ("thread", "process")
LINES = "quickstart-lines"
RECORDS = "quickstart-records"
"""The input topics: text, and JSON."""

BUNDLE = Path(str(files("pulsemill.quickstart")))


@attrs.frozen
class Example:
    """An example function: its file is functions/NAME.py; the topic it reads, and the rest of its FunctionConfig."""

    name: str
    class_name: str
    topic: str
    config: dict[str, Any] = attrs.field(factory=dict, eq=False)

    @property
    def file(self) -> Path:
        """The function's code."""
        return BUNDLE / "functions" / f"{self.name}.py"


EXAMPLES = (
    Example("wordcount", "wordcount.WordCount", LINES),
    Example(
        "enrich",
        "enrich.Enrich",
        RECORDS,
        {
            "customSerdeInputs": {RECORDS: "enrich.JsonSerDe"},
            "outputSerdeClassName": "enrich.JsonSerDe",
            "userConfig": {"field": "text"},
        },
    ),
    Example("lookup", "lookup.Lookup", LINES),
)


@attrs.frozen
class Registration:
    """One example function under one runtime."""

    example: Example
    runtime: str

    @property
    def name(self) -> FunctionName:
        """The function's name: different under each runtime, so that each reads every input."""
        return FunctionName(TENANT, NAMESPACE, f"{self.example.name}-{self.runtime}")

    @property
    def output(self) -> str:
        """The function's output topic."""
        return f"quickstart-{self.name.name}"

    def function_config(self) -> dict[str, Any]:
        """The FunctionConfig to register."""
        inputs = {} if "customSerdeInputs" in self.example.config else {"inputs": [self.example.topic]}
        return {
            **attrs.asdict(self.name),
            "className": self.example.class_name,
            "py": self.example.file.name,
            "output": self.output,
            "subscriptionPosition": "Earliest",
            **inputs,
            **self.example.config,
        }


def registrations() -> tuple[Registration, ...]:
    """Every example function under every runtime."""
    return tuple(Registration(example, runtime) for example in EXAMPLES for runtime in RUNTIMES)
