"""Joins metrics in Prometheus' text format 0.0.4. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

_OF_A_PROCESS: Final = frozenset(
    (
        *(f"process_{name}_bytes" for name in ("virtual_memory", "resident_memory")),
        *(f"process_{name}" for name in ("start_time_seconds", "cpu_seconds_total", "open_fds", "max_fds")),
        *(f"python_gc_{name}_total" for name in ("objects_collected", "objects_uncollectable", "collections")),
        "python_info",
    )
)
"""What prometheus_client tells of its process, without a label that says of which."""


@attrs.define
class Family:
    """A metric family's header lines and samples, in the order of their first appearance."""

    headers: list[str] = attrs.field(factory=list)
    samples: list[str] = attrs.field(factory=list)


def merge(texts: Iterable[str]) -> str:
    """One exposition of several: each family once, with one HELP and TYPE line, as strict parsers demand."""
    families: dict[str, Family] = {}
    for text in texts:
        for name, line in by_family(text):
            family = families.setdefault(name, Family())
            lines = family.headers if line.startswith("#") else family.samples
            if lines is family.samples or not has_header(family, line):
                lines.append(line)
    return "".join(f"{line}\n" for one in families.values() for line in (*one.headers, *one.samples))


def without_process(text: str) -> str:
    """An instance's exposition without what, beside that of another instance, would be one series of two values."""
    return "".join(f"{line}\n" for name, line in by_family(text) if name not in _OF_A_PROCESS)


def by_family(text: str) -> Iterator[tuple[str, str]]:
    """Each line with its family's name: that of the header above it, or a sample's own."""
    current = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.split(maxsplit=3)
        if words[0] == "#":
            if len(words) > 2 and words[1] in {"HELP", "TYPE"}:  # noqa: PLR2004 a header names its metric third
                current = words[2]
                yield current, line
            continue
        sample = line.split("{", 1)[0].split(" ", 1)[0]
        yield (current if current and sample.startswith(current.removesuffix("_total")) else sample), line


def has_header(family: Family, line: str) -> bool:
    """Whether a family has a header line of this kind, whatever it says."""
    kind = line.split(maxsplit=2)[1]
    return any(header.split(maxsplit=2)[1] == kind for header in family.headers)
