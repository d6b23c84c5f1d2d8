"""Cases: rows of questions about one function, source or sink."""

import json
from collections.abc import Mapping
from typing import Any

import attrs

from tests.parity.exchange import Part, Question
from tests.rig.archives import uploads

NAMESPACE = "/admin/v3/{component}/{tenant}/{namespace}"
CONFIG_PARTS = {"functions": "functionConfig", "sources": "sourceConfig", "sinks": "sinkConfig"}
CODE = """
class Exclaim:
    def process(self, input, context):
        if input == "fail":
            raise ValueError("told to fail")
        return input + "!"
"""
FILES: Mapping[str, str | bytes] = {"exclaim.py": CODE, **uploads()}

Config = Mapping[str, Any]


@attrs.frozen
class Case:
    """Questions that are asked in order, of a function that none of the other cases uses.

    Unless they are `independent`, the later ones suppose that the first was answered alike.
    """

    name: str
    questions: tuple[Question, ...]
    independent: bool = False


@attrs.frozen
class Sent:
    """What a request brings: a configuration, and with `upload`, a name in FILES, code."""

    config: Config
    upload: str | None = None

    def parts(self, component: str) -> dict[str, Part]:
        """The parts of the form."""
        parts: dict[str, Part] = {CONFIG_PARTS[component]: (None, json.dumps(self.config), "application/json")}
        if self.upload is not None:
            parts["data"] = (self.upload, FILES[self.upload], "application/octet-stream")
        return parts


def register_case(name: str, sent: Sent, component: str, function: str | None = None) -> Case:
    """Register a function or connector, read it back, see it in the list, delete it."""
    namespace = namespace_of(component)
    path = f"{namespace}/{function or function_name(name)}"
    return Case(
        name,
        (
            Question(f"{name}: register", "POST", path, parts=sent.parts(component)),
            Question(f"{name}: get", "GET", path),
            Question(f"{name}: list", "GET", namespace),
            Question(f"{name}: delete", "DELETE", path),
        ),
    )


def update_case(name: str, stored: Sent, sent: Sent, component: str, function: str | None = None) -> Case:
    """Register a function or connector, update it, read it back, delete it."""
    path = f"{namespace_of(component)}/{function or function_name(name)}"
    return Case(
        name,
        (
            Question(f"{name}: register", "POST", path, parts=stored.parts(component)),
            Question(f"{name}: update", "PUT", path, parts=sent.parts(component)),
            Question(f"{name}: get", "GET", path),
            Question(f"{name}: delete", "DELETE", path),
        ),
    )


def namespace_of(component: str) -> str:
    """The path of a namespace's functions, sources or sinks."""
    return NAMESPACE.replace("{component}", component)


def function_name(case: str) -> str:
    """A name for the function of a case."""
    return "p-" + "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in case)[:60]
