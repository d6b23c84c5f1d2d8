"""`pulsemill functions querystate` and `putstate`."""

import time
from typing import Any

import click
import httpx2

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminError, AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.naming import FunctionArgumentError, takes_function_name
from pulsemill.cli.params import json_object
from pulsemill.cli.tables import json_option, print_json, print_mapping
from pulsemill.names import FunctionName

WATCH_INTERVAL = 1.0
"""Seconds between two looks at a watched key."""


@click.command
@takes_function_name
@click.option("-k", "--key", required=True, help="The key.")
@click.option("-w", "--watch", is_flag=True, help="Look again every second, until Ctrl-C.")
@json_option
@admin_options
def querystate(transport: AdminTransport, function: FunctionName, key: str, watch: bool, as_json: bool) -> None:
    """Read a key of a function's state."""
    functions = Functions(transport)
    show = print_json if as_json else print_mapping
    if not watch:
        show(functions.get_state(function, key))
        return
    while True:
        state = _present(functions, function, key)
        if state is not None:
            show(state)
        time.sleep(WATCH_INTERVAL)


@click.command
@takes_function_name
@click.option(
    "-s", "--state", required=True, type=json_object, help='A FunctionState: {"key": "k", "stringValue": "v"}.'
)
@admin_options
def putstate(transport: AdminTransport, function: FunctionName, state: dict[str, Any]) -> None:
    """Write a key of a function's state."""
    if not isinstance(state.get("key"), str):
        raise FunctionArgumentError('The state needs a "key"')
    Functions(transport).put_state(function, state)


def _present(functions: Functions, function: FunctionName, key: str) -> dict[str, Any] | None:
    try:
        return functions.get_state(function, key)
    except AdminError as error:
        if error.status == httpx2.codes.NOT_FOUND:
            return None
        raise
