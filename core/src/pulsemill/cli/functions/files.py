"""`pulsemill functions upload` and `download`."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.components.naming import naming_options, resolve_name, take_name_arguments
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.cli.params import AliasedOption
from pulsemill.cli.progress import open_with_progress


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
@naming_options(FUNCTION)
@admin_options
def download(
    transport: AdminTransport,
    destination_file: Path,
    path: str | None,
    transform_function: bool,
    **arguments: Any,
) -> None:
    """Fetch a function's package, or a stored file."""
    functions, given = Functions(transport), take_name_arguments(arguments)
    if path is None:
        name = resolve_name(FUNCTION, given)
        _save(functions.download(name, transform_function=transform_function), destination_file)
    elif given:
        raise ComponentArgumentError("You must specify either a path or a function, not both")
    else:
        _save(functions.download_path(path), destination_file)
    click.echo("Downloaded successfully")


def _save(package: AbstractContextManager[Iterator[bytes]], destination: Path) -> None:
    """Write beside the destination, then rename, so that a broken download leaves nothing."""
    partial = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    try:
        with package as chunks, partial.open("wb") as file:
            file.writelines(chunks)
        partial.replace(destination)
    except OSError as error:
        raise ComponentArgumentError(f"cannot write {destination}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
