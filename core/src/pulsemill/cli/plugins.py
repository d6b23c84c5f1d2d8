"""`pulsemill plugins`: what is installed, and what is broken about it."""

from collections.abc import Iterator

import attrs
import click

from pulsemill.cli.tables import json_option, print_json, print_table
from pulsemill.plugins import LoadedPlugin, PluginRegistry


@attrs.frozen
class PluginRow:
    """A class of a plugin, or what a plugin without a class is instead."""

    distribution: str
    version: str
    hook: str | None
    cls: str | None
    names: tuple[str, ...]
    error: str | None


@click.command()
@json_option
def plugins(*, as_json: bool) -> None:
    """Show the installed plugins: their classes and the names that select them. Exits with 1 if one is broken."""
    rows = [row for plugin in PluginRegistry.installed().all() for row in plugin_rows(plugin)]
    if as_json:
        print_json(
            [{("class" if key == "cls" else key): value for key, value in attrs.asdict(row).items()} for row in rows]
        )
    else:
        columns = ("DISTRIBUTION", "VERSION", "HOOK", "CLASS", "NAMES", "ERROR")
        print_table(columns, [(*attrs.astuple(row)[:4], "\n".join(row.names), row.error) for row in rows])
    if any(row.error for row in rows):
        raise SystemExit(1)


def plugin_rows(plugin: LoadedPlugin) -> Iterator[PluginRow]:
    """One row for each class of a plugin; one for a plugin that has none."""
    source = plugin.source
    for entry in plugin.classes:
        path = f"{entry.cls.__module__}:{entry.cls.__qualname__}"
        yield PluginRow(source.distribution, source.version, entry.kind.hook, path, tuple(entry.cls.names), None)
    if not plugin.classes:
        error = str(plugin.error) if plugin.error else None
        yield PluginRow(source.distribution, source.version, None, None, (), error)
