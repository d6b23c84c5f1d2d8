"""Where two answers differ."""

from typing import Any

import attrs

from tests.parity.exchange import Answer

ABSENT = "<absent>"


@attrs.frozen
class Difference:
    """One part of an answer: `status`, `header.NAME`, `body` or a path in it such as `body.resources.cpu`."""

    question: str
    part: str
    upstream: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.question}: {self.part}: upstream {self.upstream!r}, ours {self.ours!r}"


def compare(question: str, upstream: Answer, ours: Answer) -> list[Difference]:
    """All differing parts, in the order status, headers, body."""
    theirs, mine = _parts(upstream), _parts(ours)
    return [
        Difference(question, part, theirs.get(part, ABSENT), mine.get(part, ABSENT))
        for part in dict.fromkeys([*theirs, *mine])
        if not _same(theirs.get(part, ABSENT), mine.get(part, ABSENT))
    ]


def _same(one: Any, other: Any) -> bool:
    """Equal and of one kind: for clients 5 and 5.0, or 1 and true, are not the same."""
    return type(one) is type(other) and bool(one == other)


def _parts(answer: Answer) -> dict[str, Any]:
    headers = {f"header.{name}": _normal(name, value) for name, value in answer.headers.items()}
    return {"status": answer.status, **headers, **_flat("body", answer.body)}


def _normal(name: str, value: str) -> str:
    """Order and case do not matter in these headers."""
    separator = ";" if name == "content-type" else ","
    return f"{separator} ".join(sorted(word.strip().lower() for word in value.split(separator)))


def _flat(path: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and value:
        return {key: item for name, inner in value.items() for key, item in _flat(f"{path}.{name}", inner).items()}
    if isinstance(value, list) and value:
        return {key: item for n, inner in enumerate(value) for key, item in _flat(f"{path}[{n}]", inner).items()}
    return {path: value}
