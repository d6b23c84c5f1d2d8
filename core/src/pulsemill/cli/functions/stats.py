"""`pulsemill functions stats`."""

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.naming import instance_option, takes_name
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.cli.functions.rows import STATS_COLUMNS, stats_row, stats_rows
from pulsemill.cli.tables import json_option, print_json, print_table
from pulsemill.names import FunctionName


@click.command
@takes_name(FUNCTION)
@instance_option
@json_option
@admin_options
def stats(transport: AdminTransport, name: FunctionName, instance_id: int | None, as_json: bool) -> None:
    """Show counters and latencies since the start and of the last minute."""
    answer = Functions(transport).stats(name, instance_id)
    if as_json:
        print_json(answer)
    elif instance_id is None:
        print_table(STATS_COLUMNS, stats_rows(answer))
    else:
        print_table(STATS_COLUMNS, [stats_row(instance_id, answer)])
