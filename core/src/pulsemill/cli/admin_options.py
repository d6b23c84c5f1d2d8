"""The options of every command that talks to a worker: where it is, and as whom."""

import functools
from collections.abc import Callable
from typing import Any

import click
import httpx2

from pulsemill.admin.connection import DEFAULT_ADMIN_URL, AdminConnection, read_token
from pulsemill.admin.transport import AdminTransport
from pulsemill.errors import ConfigurationError

TOKEN_PLUGINS = (
    "org.apache.pulsar.client.impl.auth.AuthenticationToken",
    "token",
)

_OPTIONS = (
    click.option(
        "--admin-url",
        envvar=["PULSEMILL_ADMIN_URL", "PULSAR_ADMIN_URL"],
        default=DEFAULT_ADMIN_URL,
        show_default=True,
        show_envvar=True,
        help="The worker's HTTP address.",
    ),
    click.option(
        "--auth-plugin",
        envvar=["PULSEMILL_AUTH_PLUGIN", "PULSAR_AUTH_PLUGIN"],
        show_envvar=True,
        help="How to authenticate: AuthenticationToken, which is also the default when there are parameters.",
    ),
    click.option(
        "--auth-params",
        envvar=["PULSEMILL_AUTH_PARAMS", "PULSAR_AUTH_PARAMS"],
        show_envvar=True,
        help="token:TEXT or file:///PATH. Other users can see a command line: prefer the file or the variable.",
    ),
    click.option("--tls-trust-cert-path", type=click.Path(), help="PEM file of the authorities to trust for https."),
    click.option("--tls-allow-insecure", is_flag=True, help="Accept any certificate."),
    click.option(
        "--request-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for the worker.",
    ),
)


def admin_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options, and an open AdminTransport as its first argument."""

    @functools.wraps(command)
    def connected(**arguments: Any) -> None:
        with AdminTransport(_connection(arguments), _transport()) as transport:
            command(transport, **arguments)

    for option in reversed(_OPTIONS):
        connected = option(connected)
    return connected


def _connection(arguments: dict[str, Any]) -> AdminConnection:
    return AdminConnection(
        admin_url=arguments.pop("admin_url"),
        token=_token(arguments.pop("auth_plugin"), arguments.pop("auth_params")),
        tls_trust_cert_path=arguments.pop("tls_trust_cert_path"),
        tls_allow_insecure=arguments.pop("tls_allow_insecure"),
        timeout=arguments.pop("request_timeout"),
    )


def _token(auth_plugin: str | None, auth_params: str | None) -> str | None:
    if auth_plugin and auth_plugin not in TOKEN_PLUGINS:
        raise ConfigurationError(f"--auth-plugin {auth_plugin} is not supported: use {TOKEN_PLUGINS[0]}")
    if auth_plugin and not auth_params:
        raise ConfigurationError("--auth-plugin needs --auth-params: token:TEXT or file:///PATH")
    return read_token(auth_params) if auth_params else None


def _transport() -> httpx2.BaseTransport | None:
    return click.get_current_context().find_object(httpx2.BaseTransport)
