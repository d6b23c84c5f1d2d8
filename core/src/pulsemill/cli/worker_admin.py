"""The subcommands of `pulsemill worker` that ask a running worker (upstream: `pulsar-admin functions-worker`)."""

import click

from pulsemill.admin.transport import AdminError, AdminTransport
from pulsemill.admin.worker import Worker
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.rows import STATS_COLUMNS, stats_row
from pulsemill.cli.lazy import LazyCommand
from pulsemill.cli.tables import json_option, print_json, print_table

_HERE = "pulsemill.cli.worker_admin"

WORKER_COMMANDS = {
    "cluster": LazyCommand(f"{_HERE}:cluster", "List the workers of the cluster.", ("get-cluster",)),
    "leader": LazyCommand(f"{_HERE}:leader", "Show which worker leads.", ("get-cluster-leader",)),
    "ready": LazyCommand(f"{_HERE}:ready", "Exit 0 when the worker leads and takes changes, 1 when not."),
    "assignments": LazyCommand(
        f"{_HERE}:assignments", "Show which worker runs which instances.", ("get-function-assignments",)
    ),
    "function-stats": LazyCommand(f"{_HERE}:function_stats", "Show counters of the worker's own instances."),
    "metrics": LazyCommand(f"{_HERE}:metrics", "Print the worker's metrics in Prometheus' format."),
    "rebalance": LazyCommand(f"{_HERE}:rebalance", "Spread the instances over the workers anew."),
}


@click.command
@json_option
@admin_options
def cluster(transport: AdminTransport, as_json: bool) -> None:
    """List the workers of the cluster."""
    members = Worker(transport).cluster()
    if as_json:
        print_json(members)
    else:
        print_table(("WORKER", "HOST", "PORT"), [(m["workerId"], m["workerHostname"], m["port"]) for m in members])


@click.command
@json_option
@admin_options
def leader(transport: AdminTransport, as_json: bool) -> None:
    """Show which worker leads."""
    member = Worker(transport).leader()
    if as_json:
        print_json(member)
    else:
        print_table(("WORKER", "HOST", "PORT"), [(member["workerId"], member["workerHostname"], member["port"])])


@click.command
@admin_options
def ready(transport: AdminTransport) -> None:
    """Exit 0 when the worker leads and takes changes."""
    why = Worker(transport).why_not_ready()
    if why is not None:
        raise AdminError(f"{transport.connection.admin_url} does not lead, or is not ready yet: {why}")
    click.echo("ready")


@click.command
@json_option
@admin_options
def assignments(transport: AdminTransport, as_json: bool) -> None:
    """Show which worker runs which instances."""
    by_worker = Worker(transport).assignments()
    if as_json:
        print_json(by_worker)
    else:
        rows = [(worker, instance) for worker, instances in sorted(by_worker.items()) for instance in instances]
        print_table(("WORKER", "INSTANCE"), rows)


@click.command("function-stats")
@json_option
@admin_options
def function_stats(transport: AdminTransport, as_json: bool) -> None:
    """Show counters of the worker's own instances."""
    answer = Worker(transport).function_stats()
    if as_json:
        print_json(answer)
    else:
        print_table(STATS_COLUMNS, [stats_row(row["name"], row["metrics"]) for row in answer])


@click.command
@admin_options
def metrics(transport: AdminTransport) -> None:
    """Print the worker's and its instances' metrics in Prometheus' text format."""
    click.echo(Worker(transport).metrics(), nl=False)


@click.command
@admin_options
def rebalance(transport: AdminTransport) -> None:
    """Have the leader spread the instances over the workers anew."""
    Worker(transport).rebalance()
    click.echo("Rebalance triggered successfully")
