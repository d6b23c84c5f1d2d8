"""Figures of two contenders beside each other."""

import statistics
from collections.abc import Iterable, Mapping, Sequence

Values = Mapping[str, Sequence[float]]


def comparison(title: str, ours: Values, upstream: Values) -> Iterable[str]:
    """The lines of a table in Markdown: medians, ranges, and how many times ours is in upstream's."""
    yield f"| {title} | ours | upstream | upstream / ours |"
    yield "|---|---|---|---|"
    for name in dict.fromkeys([*ours, *upstream]):
        mine, theirs = ours.get(name, ()), upstream.get(name, ())
        yield f"| {name} | {_cell(mine)} | {_cell(theirs)} | {_ratio(mine, theirs)} |"


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _ratio(ours: Sequence[float], upstream: Sequence[float]) -> str:
    if not ours or not upstream or statistics.median(ours) <= 0:
        return "-"
    return f"{statistics.median(upstream) / statistics.median(ours):.1f}"
