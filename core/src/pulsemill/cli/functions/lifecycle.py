"""`pulsemill functions delete`, `start`, `stop` and `restart`."""

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.naming import instance_option, takes_function_name
from pulsemill.names import FunctionName


@click.command
@takes_function_name
@admin_options
def delete(transport: AdminTransport, function: FunctionName) -> None:
    """Stop a function and remove it."""
    Functions(transport).delete(function)
    click.echo("Deleted successfully")


@click.command
@takes_function_name
@instance_option
@admin_options
def start(transport: AdminTransport, function: FunctionName, instance_id: int | None) -> None:
    """Start a stopped function, or one of its instances."""
    Functions(transport).start(function, instance_id)
    click.echo("Started successfully")


@click.command
@takes_function_name
@instance_option
@admin_options
def stop(transport: AdminTransport, function: FunctionName, instance_id: int | None) -> None:
    """Stop a function, or one of its instances. It stays registered."""
    Functions(transport).stop(function, instance_id)
    click.echo("Stopped successfully")


@click.command
@takes_function_name
@instance_option
@admin_options
def restart(transport: AdminTransport, function: FunctionName, instance_id: int | None) -> None:
    """Restart a function, or one of its instances."""
    Functions(transport).restart(function, instance_id)
    click.echo("Restarted successfully")
