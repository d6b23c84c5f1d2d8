"""Reads a YAML file, remembering the line of every key.

Only plain data comes out: mappings, lists, text, numbers, true, false and null; tags are refused. Text that looks like
a number becomes one only when writing that number gives the same text, so that `007` or `1.10` stay what they are for
keys that hold text; keys that hold numbers accept such text anyway.
"""

from pathlib import Path
from typing import Any, Final

import attrs
import yaml

from pulsemill.config.findings import Finding, Severity
from pulsemill.errors import ConfigurationError

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map", "int", "float", "bool", "null"))


class YamlFileError(ConfigurationError):
    """A file cannot be read as YAML. `line` counts from 1, None where there is none."""

    def __init__(self, file: str, line: int | None, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")
        self.line = line
        self.message = message


@attrs.frozen
class YamlFile:
    """The content of a file. `lines` has the line of each key and list item by its path, such as `a.b[0].c`."""

    mapping: dict[str, Any]
    lines: dict[str, int]
    findings: tuple[Finding, ...] = ()


def read_yaml_file(path: Path) -> YamlFile:
    """Read a file whose root is a mapping. YamlFileError when it is unreadable, malformed or empty."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise YamlFileError(str(path), None, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise YamlFileError(str(path), None, f"is not a text file in UTF-8 (byte {error.start})") from error


def parse_yaml(text: str, name: str) -> YamlFile:
    """Read text as YAML; `name` stands for the file in errors."""
    try:
        return _parsed(text, name)
    except RecursionError as error:
        raise YamlFileError(name, None, "is nested too deeply") from error


def _parsed(text: str, name: str) -> YamlFile:
    root = _compose(text, name)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value in _NULLS):
        raise YamlFileError(name, None, "is empty; expected at least one key, such as pulsarServiceUrl")
    if not isinstance(root, yaml.MappingNode):
        raise YamlFileError(name, _line(root), f"expected lines of `key: value`, got {_described(root)}")
    reader = _Reader(name)
    return YamlFile(reader.mapping(root, ""), reader.lines, tuple(reader.findings))


def parse_value(text: str, name: str) -> Any:
    """Read text as a YAML value of any kind, such as `[a, b]`."""
    try:
        root = _compose(text, name)
        return None if root is None else _Reader(name).value(root, "")
    except RecursionError as error:
        raise YamlFileError(name, None, "is nested too deeply") from error


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        # The base loader leaves everything text; _scalar below decides what is more than that.
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        column = f" at column {mark.column + 1}" if mark else ""
        message = f"is not YAML: {error.problem or error.context}{column}"
        raise YamlFileError(name, mark.line + 1 if mark else None, message) from error
    except yaml.YAMLError as error:
        raise YamlFileError(name, None, f"is not YAML: {str(error).splitlines()[0]}") from error
    return root


@attrs.define
class _Reader:
    """Turns nodes into values."""

    name: str
    lines: dict[str, int] = attrs.Factory(dict)
    findings: list[Finding] = attrs.Factory(list)
    _open: set[int] = attrs.Factory(set)

    def value(self, node: yaml.Node, path: str) -> Any:
        if node.tag not in _TAGS:
            raise YamlFileError(self.name, _line(node), f"{path or 'the root'} has the tag {node.tag}: remove it")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if id(node) in self._open:
            raise YamlFileError(self.name, _line(node), f"{path or 'the root'} contains itself through an alias")
        self._open.add(id(node))
        try:
            return self.mapping(node, path) if isinstance(node, yaml.MappingNode) else self._sequence(node, path)
        finally:
            self._open.remove(id(node))

    def mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            child = f"{path}.{key}" if path else key
            if key in result:
                message = f"is given twice; this value replaces the one on line {self.lines[child]}"
                self.findings.append(Finding(Severity.WARNING, child, _line(key_node), message))
            self.lines[child] = _line(key_node)
            result[key] = self.value(value_node, child)
        return result

    def _sequence(self, node: yaml.Node, path: str) -> list[Any]:
        for index, item in enumerate(node.value):
            self.lines[f"{path}[{index}]"] = _line(item)
        return [self.value(item, f"{path}[{index}]") for index, item in enumerate(node.value)]

    def _key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise YamlFileError(self.name, _line(node), f"expected a name as key, got {_described(node)}")
        return str(node.value)


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text: str = node.value
    if node.style is not None:  # quoted or a block: text, whatever it looks like
        return text
    if text in _NULLS:
        return None
    if text in {"true", "false"}:
        return text == "true"
    return _number(text)


def _number(text: str) -> str | int | float:
    for kind in (int, float):
        try:
            value = kind(text)
        except ValueError:
            continue
        if str(value) == text and text not in {"nan", "inf", "-inf"}:
            return value
    return text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _described(node: yaml.Node) -> str:
    return (
        "a mapping"
        if isinstance(node, yaml.MappingNode)
        else "a list"
        if isinstance(node, yaml.SequenceNode)
        else "text"
    )
