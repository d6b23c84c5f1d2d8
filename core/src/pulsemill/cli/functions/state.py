"""`pulsemill functions querystate` and `putstate`."""

import time
from typing import Any

import click
import httpx2

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminError, AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.components.naming import takes_name
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.cli.params import json_object
from pulsemill.cli.tables import json_option, print_json, print_mapping
from pulsemill.names import FunctionName

WATCH_INTERVAL = 1.0
"""Seconds between two looks at a watched key."""


@click.command
@takes_name(FUNCTION)
@click.option("-k", "--key", required=True, help="The key.")
@click.option("-w", "--watch", is_flag=True, help="Look again every second, until Ctrl-C.")
@json_option
@admin_options
def querystate(transport: AdminTransport, name: FunctionName, key: str, watch: bool, as_json: bool) -> None:
    """Read a key of a function's state."""
    functions = Functions(transport)
    show = print_json if as_json else print_mapping
    if not watch:
        show(functions.get_state(name, key))
        return
    while True:
        state = _present(functions, name, key)
        if state is not None:
            show(state)
        time.sleep(WATCH_INTERVAL)


@click.command
@takes_name(FUNCTION)
@click.option(
    "-s", "--state", required=True, type=json_object, help='A FunctionState: {"key": "k", "stringValue": "v"}.'
)
@admin_options
def putstate(transport: AdminTransport, name: FunctionName, state: dict[str, Any]) -> None:
    """Write a key of a function's state."""
    if not isinstance(state.get("key"), str):
        raise ComponentArgumentError('The state needs a "key"')
    Functions(transport).put_state(name, state)


def _present(functions: Functions, name: FunctionName, key: str) -> dict[str, Any] | None:
    try:
        return functions.get_state(name, key)
    except AdminError as error:
        if error.status == httpx2.codes.NOT_FOUND:
            return None
        raise
