"""Reads `scenario.yaml`: cases, each a row of questions about one function."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import yaml

from tests.parity.cases import (
    CONFIG_PARTS,
    Case,
    Config,
    Sent,
    function_name,
    namespace_of,
    register_case,
    update_case,
)
from tests.parity.exchange import Part, Question

FILE = Path(__file__).with_name("scenario.yaml")
CODE_OF = {"functions": "exclaim.py"}  # the connectors are built in


@cache
def scenario() -> dict[str, Any]:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return content


def cases() -> Iterator[Case]:
    """All cases about configurations."""
    yield Case("exchanges", tuple(_exchange(line) for line in scenario()["exchanges"]), independent=True)
    for component in CONFIG_PARTS:
        asked, code = scenario()[component], CODE_OF.get(component)
        for name, change in _changes(component, asked):
            yield register_case(name, Sent(asked["config"] | change, code), component)
        for name, (stored, sent) in asked["updates"].items():
            yield update_case(f"update {name}", Sent(asked["config"] | stored, code), Sent(sent), component)


def _changes(component: str, asked: Config) -> Iterator[tuple[str, Config]]:
    kind = "" if component == "functions" else f"{component} "
    for field, values in asked["variants"].items():
        for value in values:
            yield f"{kind}{field}={json.dumps(value)}", {field: value}
    yield from asked["configurations"].items()


def lives() -> Iterator[Case]:
    """The cases whose functions run."""
    for name, steps in scenario()["lives"].items():
        path = f"{namespace_of('functions')}/{function_name(name)}"
        yield Case(name, tuple(_step(f"{name} {number}", path, step) for number, step in enumerate(steps)))


def _step(name: str, path: str, step: Config) -> Question:
    question = _exchange(step["ask"].replace("{f}", path).replace("{f2}", path.replace("/v3/", "/v2/")))
    parts: dict[str, Part] = {key: (None, text, None) for key, text in step.get("parts", {}).items()}
    parts |= {key: (None, json.dumps(value), "application/json") for key, value in step.get("json", {}).items()}
    if "send" in step:
        parts = Sent(step["send"], "exclaim.py" if question.method == "POST" else None).parts("functions")
    return attrs.evolve(question, name=f"{name}: {step['ask']}", parts=parts, until=step.get("until", ""))


def _exchange(line: str) -> Question:
    method, path, *words = re.split(r" (?=/|Accept |as )", line)
    headers = {"Accept" if key == "Accept" else "Content-Type": kind for key, kind in (w.split(" ", 1) for w in words)}
    return Question(line, method, path, headers)
