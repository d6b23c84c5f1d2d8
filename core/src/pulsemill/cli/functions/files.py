"""`pulsemill functions upload`, `download`, `available-functions` and `reload`."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.naming import FunctionArgumentError, naming_options, resolve_name
from pulsemill.cli.params import AliasedOption
from pulsemill.cli.progress import open_with_progress
from pulsemill.cli.tables import json_option, print_json, print_table


@click.command
@click.option(
    "--source-file",
    cls=AliasedOption,
    hidden_names=("--sourceFile",),
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file to store.",
)
@click.option("--path", required=True, help="The path to store it under.")
@admin_options
def upload(transport: AdminTransport, source_file: Path, path: str) -> None:
    """Store a file in the worker's package storage."""
    Functions(transport, open_with_progress).upload(source_file, path)
    click.echo("Uploaded successfully")


@click.command
@click.option(
    "--destination-file",
    cls=AliasedOption,
    hidden_names=("--destinationFile",),
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; it is replaced only when the download is complete.",
)
@click.option("--path", help="A stored path, in place of a function.")
@click.option("--transform-function", is_flag=True, help="The transform function of a sink, in place of its package.")
@naming_options
@admin_options
def download(
    transport: AdminTransport,
    destination_file: Path,
    path: str | None,
    transform_function: bool,
    fqfn: str | None,
    tenant: str | None,
    namespace: str | None,
    name: str | None,
) -> None:
    """Fetch a function's package, or a stored file."""
    functions = Functions(transport)
    if path is None:
        function = resolve_name(fqfn, tenant, namespace, name)
        _save(functions.download(function, transform_function=transform_function), destination_file)
    elif any(part is not None for part in (fqfn, tenant, namespace, name)):
        raise FunctionArgumentError("You must specify either a path or a function, not both")
    else:
        _save(functions.download_path(path), destination_file)
    click.echo("Downloaded successfully")


@click.command("available-functions")
@json_option
@admin_options
def available_functions(transport: AdminTransport, as_json: bool) -> None:
    """List the worker's built-in functions."""
    definitions = Functions(transport).builtins()
    if as_json:
        print_json(definitions)
        return
    rows = [(row.get("name"), row.get("description"), row.get("functionClass")) for row in definitions]
    print_table(("NAME", "DESCRIPTION", "CLASS"), rows)


@click.command
@admin_options
def reload(transport: AdminTransport) -> None:
    """Make the worker read its built-in functions again."""
    Functions(transport).reload_builtins()
    click.echo("Reloaded successfully")


def _save(package: AbstractContextManager[Iterator[bytes]], destination: Path) -> None:
    """Write beside the destination, then rename, so that a broken download leaves nothing."""
    partial = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    try:
        with package as chunks, partial.open("wb") as file:
            file.writelines(chunks)
        partial.replace(destination)
    except OSError as error:
        raise FunctionArgumentError(f"cannot write {destination}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
