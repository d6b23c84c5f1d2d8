"""What people read (tables) and what programs read (JSON), on standard output."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 240
"""Columns of a table that nobody's terminal limits."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


def console() -> Console:
    """Standard output as it is now, wide enough not to cut columns when it is no terminal."""
    plain = Console()
    return plain if plain.is_terminal else Console(width=PIPE_WIDTH)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> None:
    """Print rows under headings. Numbers stand right, None shows as a dash, brackets in values mean nothing."""
    body = [list(row) for row in rows]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        numbers = bool(body) and all(isinstance(row[index], int | float | None) for row in body)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in body:
        table.add_row(*(Text(cell(value)) for value in row))
    _print_trimmed(table)


def print_mapping(values: Mapping[str, Any]) -> None:
    """Print the entries that have a value, one a row."""
    print_table(("KEY", "VALUE"), [(key, cell(value)) for key, value in values.items() if value is not None])


def _print_trimmed(table: Table) -> None:
    """Without the blanks that rich fills the last column with, which would end up in people's pipes."""
    output = console()
    with output.capture() as capture:
        output.print(table)
    for line in capture.get().splitlines():
        click.echo(line.rstrip())


def cell(value: Any) -> str:
    """A value as one cell."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return value if isinstance(value, str) else json.dumps(value)


def moment(milliseconds: Any) -> str | None:
    """A time in milliseconds since the epoch, in UTC; None for no time at all."""
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
