"""The commands get, list and status, for any kind."""

import click

from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.components.names import DEFAULT_NAMESPACE, DEFAULT_TENANT
from pulsemill.cli.components.naming import instance_option, takes_name
from pulsemill.cli.components.status_rows import failures, status_columns, status_row, status_rows
from pulsemill.cli.tables import json_option, print_json, print_mapping, print_table
from pulsemill.names import FunctionName


def get_command(kind: Kind) -> click.Command:
    """`get`."""

    @click.command(help=f"Show a {kind.name}'s configuration.")
    @takes_name(kind)
    @json_option
    @admin_options
    def get(transport: AdminTransport, name: FunctionName, as_json: bool) -> None:
        config = kind.admin(transport).get(name)
        (print_json if as_json else print_mapping)(config)

    return get


def list_command(kind: Kind) -> click.Command:
    """`list`."""

    @click.command("list", help=f"List the {kind.names} of a namespace, one name a line.")
    @click.option("--tenant", default=DEFAULT_TENANT, show_default=True, help="The tenant.")
    @click.option("--namespace", default=DEFAULT_NAMESPACE, show_default=True, help="The namespace.")
    @json_option
    @admin_options
    def list_names(transport: AdminTransport, tenant: str, namespace: str, as_json: bool) -> None:
        names = kind.admin(transport).names(tenant, namespace)
        if as_json:
            print_json(names)
            return
        for name in names:
            click.echo(name)

    return list_names


def status_command(kind: Kind) -> click.Command:
    """`status`."""

    @click.command(help="Show whether the instances run, what they counted, and their latest errors.")
    @takes_name(kind)
    @instance_option
    @json_option
    @admin_options
    def status(transport: AdminTransport, name: FunctionName, instance_id: int | None, as_json: bool) -> None:
        answer = kind.admin(transport).status(name, instance_id)
        if as_json:
            print_json(answer)
            return
        if instance_id is None:
            click.echo(f"{name}: {answer['numRunning']} of {answer['numInstances']} instances run")
            print_table(status_columns(kind), status_rows(kind, answer))
        else:
            print_table(status_columns(kind), [status_row(kind, instance_id, answer)])
        for line in failures(kind, answer, instance_id):
            click.echo(line)

    return status
