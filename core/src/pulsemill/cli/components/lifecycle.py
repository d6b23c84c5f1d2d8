"""The commands delete, start, stop and restart, for any kind."""

from collections.abc import Callable

import click

from pulsemill.admin.components import Components
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.components.naming import instance_option, takes_name
from pulsemill.names import FunctionName

OnInstances = Callable[[Components, FunctionName, int | None], None]


def delete_command(kind: Kind) -> click.Command:
    """`delete`."""

    @click.command(help=f"Stop a {kind.name} and remove it.")
    @takes_name(kind)
    @admin_options
    def delete(transport: AdminTransport, name: FunctionName) -> None:
        kind.admin(transport).delete(name)
        click.echo(kind.deleted)

    return delete


def start_command(kind: Kind) -> click.Command:
    """`start`."""
    text = f"Start a stopped {kind.name}, or one of its instances."
    return _instances_command(kind, "start", text, Components.start, "Started successfully")


def stop_command(kind: Kind) -> click.Command:
    """`stop`."""
    text = f"Stop a {kind.name}, or one of its instances. It stays registered."
    return _instances_command(kind, "stop", text, Components.stop, "Stopped successfully")


def restart_command(kind: Kind) -> click.Command:
    """`restart`."""
    text = f"Restart a {kind.name}, or one of its instances."
    return _instances_command(kind, "restart", text, Components.restart, "Restarted successfully")


def _instances_command(kind: Kind, verb: str, text: str, act: OnInstances, done: str) -> click.Command:
    @click.command(verb, help=text)
    @takes_name(kind)
    @instance_option
    @admin_options
    def command(transport: AdminTransport, name: FunctionName, instance_id: int | None) -> None:
        act(kind.admin(transport), name, instance_id)
        click.echo(done)

    return command
