"""Inputs given by a pattern, in the dialect that the Pulsar client matches topics with.

The client takes ECMAScript's dialect, and ends the whole process over a pattern that it cannot read. So patterns are
read by Python first and written anew from what Python understood; what has no counterpart is refused with its name.
"""

import re
from collections.abc import Iterable, Iterator
from re import _constants as op  # type: ignore[attr-defined]  # the only parser of patterns in the standard library
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import attrs

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.topics import full_topic_name

_NON_PERSISTENT = "non-persistent://"
_PLAIN_NAME = re.compile(r"[-=:.\w]+")
_MOST_STATES = 10_000
"""A tenth of what the client's matcher can hold."""

_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_POSITIONS = {
    op.AT_BEGINNING: "",  # the tenant and the namespace stand before it
    op.AT_BEGINNING_STRING: "",
    op.AT_END: "$",
    op.AT_END_STRING: "$",
    op.AT_BOUNDARY: r"\b",
    op.AT_NON_BOUNDARY: r"\B",
}


@attrs.frozen
class TopicPattern:
    """A pattern of topics in one namespace; the text behind the namespace is a regular expression.

    `persistent` says of which kind the topics are.
    """

    namespace: str
    local: str
    persistent: bool = True

    @classmethod
    def parse(cls, text: str) -> "TopicPattern":
        """Read `[domain://][tenant/namespace/]pattern`; InstanceError when the client could not take it."""
        parts = full_topic_name(text).partition("://")[2].split("/", 2)
        is_half = text.count("/") == 1
        if is_half or len(parts) != 3 or not all(_PLAIN_NAME.fullmatch(name) for name in parts[:2]):  # noqa: PLR2004
            raise InstanceError(
                f"input pattern {text!r}: it must be a regular expression behind the plain names of a tenant and a "
                "namespace, as in persistent://public/default/orders-.*"
            )
        pattern = cls("/".join(parts[:2]), parts[2], not text.startswith(_NON_PERSISTENT))
        try:
            pattern.for_client()
        except (re.error, _UnknownSyntaxError, OverflowError, RecursionError) as error:
            raise InstanceError(f"input pattern {text!r}: {error}") from error
        return pattern

    def without(self, local: str) -> "TopicPattern":
        """The pattern for all topics but those whose whole name, in the same namespace, matches another one."""
        return attrs.evolve(self, local=f"(?!(?:{local})$)(?:{self.local})")

    def for_client(self) -> str:
        """What the client takes."""
        parsed = parser.parse(self.local)
        if parsed.state.flags & ~re.UNICODE:
            raise _UnknownSyntaxError("flags such as (?i) are not supported")
        if _states(parsed) > _MOST_STATES:
            raise _UnknownSyntaxError("it repeats too much")
        return f"{self.namespace}/{_sequence(parsed)}"

    def matches(self, topic: str) -> bool:
        """Whether a topic (full name, not of a partition) is one of the pattern's."""
        domain, _, name = topic.partition("://")
        own = f"{self.namespace}/"
        is_here = name.startswith(own) and (domain == "persistent") is self.persistent
        return is_here and re.fullmatch(self.local, name.removeprefix(own)) is not None


class _UnknownSyntaxError(Exception):
    """A pattern uses what the client does not know."""


def _sequence(items: Iterable[tuple[Any, Any]]) -> str:
    return "".join(_item(*item) for item in items)


def _item(kind: Any, value: Any) -> str:
    """One element of a parsed pattern."""
    match kind:
        case op.LITERAL:
            return _literal(value)
        case op.NOT_LITERAL:
            return f"[^{_literal(value)}]"
        case op.ANY:
            return "."
        case op.IN:
            return "[" + "".join(_members(value)) + "]"
        case op.AT:
            return _POSITIONS[value]
        case op.BRANCH:
            return "(?:" + "|".join(map(_sequence, value[1])) + ")"
        case op.SUBPATTERN if not (value[1] or value[2]):
            return f"(?:{_sequence(value[3])})"
        case op.MAX_REPEAT | op.MIN_REPEAT:  # which one makes no difference to whether a whole name matches
            low, high, body = value
            most = "" if high is op.MAXREPEAT else high
            return f"(?:{_sequence(body)}){{{low},{most}}}"
        case op.ASSERT | op.ASSERT_NOT if value[0] > 0:
            return f"(?{'=' if kind is op.ASSERT else '!'}{_sequence(value[1])})"
    raise _UnknownSyntaxError(f"the Pulsar client knows no {str(kind).lower().replace('_', ' ')} in patterns")


def _members(items: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    for kind, value in items:
        if kind is op.NEGATE:
            yield "^"
        elif kind is op.RANGE:
            yield f"{_literal(value[0])}-{_literal(value[1])}"
        else:
            yield _CATEGORIES[value] if kind is op.CATEGORY else _literal(value)


def _literal(code: int) -> str:
    """A character; those that could mean something, and the slash that would look like a topic's, by their number."""
    char = chr(code)
    if not char.isascii():
        raise _UnknownSyntaxError(f"the Pulsar client knows only ASCII in patterns, not {char!r}")
    return char if char.isalnum() or char == "_" else f"\\x{code:02x}"


def _states(items: Any) -> int:
    """How much a matcher has to hold, repetitions counted out."""
    total = 0
    for kind, value in items:
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            low, high, body = value
            total += max(low, 0 if high is op.MAXREPEAT else high, 1) * _states(body)
        elif kind is op.SUBPATTERN:
            total += _states(value[3])
        elif kind is op.BRANCH:
            total += sum(map(_states, value[1]))
        elif kind in {op.ASSERT, op.ASSERT_NOT}:
            total += _states(value[1])
        else:
            total += 1
    return total
