"""Reads `scenario.yaml`: cases, each a row of questions about one function."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import yaml

from tests.parity.exchange import Question

FILE = Path(__file__).with_name("scenario.yaml")
NAMESPACE = "/admin/v3/{component}/{tenant}/{namespace}"
FUNCTIONS = NAMESPACE.replace("{component}", "functions")
CONFIG_PARTS = {"functions": "functionConfig", "sources": "sourceConfig", "sinks": "sinkConfig"}
CODE = """
class Exclaim:
    def process(self, input, context):
        if input == "fail":
            raise ValueError("told to fail")
        return input + "!"
"""

Config = Mapping[str, Any]


@attrs.frozen
class Case:
    """Questions that are asked in order, of a function that none of the other cases uses.

    Unless they are `independent`, the later ones suppose that the first was answered alike.
    """

    name: str
    questions: tuple[Question, ...]
    independent: bool = False


@cache
def scenario() -> dict[str, Any]:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return content


def cases() -> Iterator[Case]:
    """All cases about configurations."""
    yield Case("exchanges", tuple(_exchange(line) for line in scenario()["exchanges"]), independent=True)
    for component in CONFIG_PARTS:
        asked = scenario()[component]
        for name, change in _changes(component, asked):
            yield register_case(name, asked["config"] | change, component)
        for name, (stored, sent) in asked["updates"].items():
            yield _update_case(f"update {name}", asked["config"] | stored, sent, component)


def _changes(component: str, asked: Config) -> Iterator[tuple[str, Config]]:
    kind = "" if component == "functions" else f"{component} "
    for field, values in asked["variants"].items():
        for value in values:
            yield f"{kind}{field}={json.dumps(value)}", {field: value}
    yield from asked["configurations"].items()


def register_case(name: str, config: Config, component: str = "functions", function: str | None = None) -> Case:
    """Register a function or connector, read it back, see it in the list, delete it."""
    namespace = NAMESPACE.replace("{component}", component)
    path = f"{namespace}/{function or _function_name(name)}"
    return Case(
        name,
        (
            Question(f"{name}: register", "POST", path, parts=_parts(config, component, with_code=True)),
            Question(f"{name}: get", "GET", path),
            Question(f"{name}: list", "GET", namespace),
            Question(f"{name}: delete", "DELETE", path),
        ),
    )


def _update_case(name: str, stored: Config, sent: Config, component: str) -> Case:
    path = f"{NAMESPACE.replace('{component}', component)}/{_function_name(name)}"
    return Case(
        name,
        (
            Question(f"{name}: register", "POST", path, parts=_parts(stored, component, with_code=True)),
            Question(f"{name}: update", "PUT", path, parts=_parts(sent, component, with_code=False)),
            Question(f"{name}: get", "GET", path),
            Question(f"{name}: delete", "DELETE", path),
        ),
    )


def _parts(config: Config, component: str, *, with_code: bool) -> dict[str, tuple[str | None, str, str | None]]:
    """The parts of a form. Connectors are built in: they bring no code."""
    given = json.dumps(config)
    parts: dict[str, tuple[str | None, str, str | None]] = {CONFIG_PARTS[component]: (None, given, "application/json")}
    if with_code and component == "functions":
        parts["data"] = ("exclaim.py", CODE, "application/octet-stream")
    return parts


def _function_name(case: str) -> str:
    return "p-" + "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in case)[:60]


def lives() -> Iterator[Case]:
    """The cases whose functions run."""
    for name, steps in scenario()["lives"].items():
        path = f"{FUNCTIONS}/{_function_name(name)}"
        yield Case(name, tuple(_step(f"{name} {number}", path, step) for number, step in enumerate(steps)))


def _step(name: str, path: str, step: Config) -> Question:
    question = _exchange(step["ask"].replace("{f}", path))
    parts = {key: (None, text, None) for key, text in step.get("parts", {}).items()}
    if "send" in step:
        parts = _parts(step["send"], "functions", with_code=question.method == "POST")
    return attrs.evolve(question, name=f"{name}: {step['ask']}", parts=parts, until=step.get("until", ""))


def _exchange(line: str) -> Question:
    method, path, *words = re.split(r" (?=/|Accept |as )", line)
    headers = {"Accept" if key == "Accept" else "Content-Type": kind for key, kind in (w.split(" ", 1) for w in words)}
    return Question(line, method, path, headers)
