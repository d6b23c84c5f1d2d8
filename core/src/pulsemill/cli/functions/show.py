"""`pulsemill functions get`, `list`, `status` and `stats`."""

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.naming import DEFAULT_NAMESPACE, DEFAULT_TENANT, instance_option, takes_function_name
from pulsemill.cli.functions.rows import (
    STATS_COLUMNS,
    STATUS_COLUMNS,
    failures,
    stats_row,
    stats_rows,
    status_row,
    status_rows,
)
from pulsemill.cli.tables import json_option, print_json, print_mapping, print_table
from pulsemill.names import FunctionName


@click.command
@takes_function_name
@json_option
@admin_options
def get(transport: AdminTransport, function: FunctionName, as_json: bool) -> None:
    """Show a function's configuration."""
    config = Functions(transport).get(function)
    (print_json if as_json else print_mapping)(config)


@click.command("list")
@click.option("--tenant", default=DEFAULT_TENANT, show_default=True, help="The tenant.")
@click.option("--namespace", default=DEFAULT_NAMESPACE, show_default=True, help="The namespace.")
@json_option
@admin_options
def list_functions(transport: AdminTransport, tenant: str, namespace: str, as_json: bool) -> None:
    """List the functions of a namespace, one name a line."""
    names = Functions(transport).get_functions(tenant, namespace)
    if as_json:
        print_json(names)
        return
    for name in names:
        click.echo(name)


@click.command
@takes_function_name
@instance_option
@json_option
@admin_options
def status(transport: AdminTransport, function: FunctionName, instance_id: int | None, as_json: bool) -> None:
    """Show whether the instances run, what they counted, and their latest errors."""
    answer = Functions(transport).status(function, instance_id)
    if as_json:
        print_json(answer)
        return
    if instance_id is None:
        click.echo(f"{function}: {answer['numRunning']} of {answer['numInstances']} instances run")
        print_table(STATUS_COLUMNS, status_rows(answer))
    else:
        print_table(STATUS_COLUMNS, [status_row(instance_id, answer)])
    for line in failures(answer, instance_id):
        click.echo(line)


@click.command
@takes_function_name
@instance_option
@json_option
@admin_options
def stats(transport: AdminTransport, function: FunctionName, instance_id: int | None, as_json: bool) -> None:
    """Show counters and latencies since the start and of the last minute."""
    answer = Functions(transport).stats(function, instance_id)
    if as_json:
        print_json(answer)
    elif instance_id is None:
        print_table(STATS_COLUMNS, stats_rows(answer))
    else:
        print_table(STATS_COLUMNS, [stats_row(instance_id, answer)])
