"""The commands that list the worker's built-in components and have it read them again, for any kind."""

import click

from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.tables import json_option, print_json, print_table


def available_command(kind: Kind) -> click.Command:
    """`available-functions`, `available-sources` or `available-sinks`."""

    @click.command(f"available-{kind.names}", help=f"List the worker's built-in {kind.names}.")
    @json_option
    @admin_options
    def available(transport: AdminTransport, as_json: bool) -> None:
        definitions = kind.admin(transport).builtins()
        if as_json:
            print_json(definitions)
            return
        rows = [(row.get("name"), row.get("description"), row.get(kind.class_key)) for row in definitions]
        print_table(("NAME", "DESCRIPTION", "CLASS"), rows)

    return available


def reload_command(kind: Kind) -> click.Command:
    """`reload`."""

    @click.command(help=f"Make the worker read its built-in {kind.names} again.")
    @admin_options
    def reload(transport: AdminTransport) -> None:
        kind.admin(transport).reload_builtins()
        click.echo("Reloaded successfully")

    return reload
