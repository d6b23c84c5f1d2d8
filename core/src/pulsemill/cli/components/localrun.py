"""The command localrun, for any kind."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import click

from pulsemill.admin.components import Code
from pulsemill.cli.components.deploy import definition_options, take_definition
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.components.naming import with_options
from pulsemill.cli.log_output import configure_logging
from pulsemill.cli.params import AliasedOption, json_object
from pulsemill.cli.run_async import run_async
from pulsemill.localrun.run import run_locally
from pulsemill.localrun.settings import LocalRunSettings
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

Details = Callable[[Mapping[str, Any], Code], FunctionDetails]
"""Makes of a configuration and its code what a worker would store."""


def _option(name: str, text: str, *hidden_names: str, **settings: Any) -> Callable[..., Any]:
    return click.option(name, cls=AliasedOption, hidden_names=hidden_names, help=text, **settings)


_OPTIONS = (
    _option("--broker-service-url", "The broker; an embedded one runs when none is given.", "--brokerServiceUrl"),
    _option("--web-service-url", "The broker's admin API, for functions that use it."),
    _option("--client-auth-plugin", "How the function authenticates to the broker.", "--clientAuthPlugin"),
    _option(
        "--client-auth-params",
        "The plugin's parameters. Other users can see a command line: prefer the variable.",
        "--clientAuthParams",
        envvar="PULSEMILL_CLIENT_AUTH_PARAMS",
        show_envvar=True,
    ),
    _option("--use-tls", "Connect to the broker by TLS.", "--use_tls", is_flag=True),
    _option("--tls-allow-insecure", "Accept any certificate of the broker.", "--tls_allow_insecure", is_flag=True),
    _option("--tls-trust-cert-path", "PEM file of the authorities to trust.", "--tls_trust_cert_path"),
    _option(
        "--hostname-verification-enabled",
        "Check that the broker's certificate is for its host.",
        "--hostname_verification_enabled",
        is_flag=True,
    ),
    _option(
        "--instance-id-offset", "The first instance's id.", "--instanceIdOffset", type=click.IntRange(0), default=0
    ),
    _option(
        "--runtime",
        "Run instances as processes, or as threads of this command (Python only).",
        type=click.Choice(["PROCESS", "THREAD"], case_sensitive=False),
        default="PROCESS",
        show_default=True,
    ),
    _option("--secrets-provider-classname", "The class that the instances ask for secrets."),
    _option("--secrets-provider-config", "What that class is initialised with.", type=json_object),
    _option("--state-storage-service-url", "Where the function's state is stored.", "--stateStorageServiceUrl"),
    _option("--metrics-port-start", "Refused: each instance serves its metrics on a free port of its own.", type=int),
)


def localrun_command(kind: Kind, details: Details) -> click.Command:
    """`localrun`."""

    @click.command(
        help=f"Run a {kind.name} here, without a worker, until Ctrl-C.\n\n"
        "Its logs are printed. It reads and writes topics of the given broker, or of an embedded one."
    )
    @definition_options(kind, local=True)
    @lambda command: with_options(command, _OPTIONS)
    def localrun(**arguments: Any) -> None:
        definition = kind.define_new(*take_definition(kind, arguments))
        settings = _settings(arguments)
        configure_logging(as_json=False, level="info")
        local = details(definition.config, definition.code)
        run_async(run_locally(local, definition.code, settings, click.echo))

    return localrun


def _settings(arguments: dict[str, Any]) -> LocalRunSettings:
    if arguments.pop("metrics_port_start") is not None:
        raise ComponentArgumentError("--metrics-port-start is not supported: instances choose free ports by themselves")
    if arguments["secrets_provider_config"] and not arguments["secrets_provider_classname"]:
        raise ComponentArgumentError("--secrets-provider-config needs --secrets-provider-classname")
    arguments["secrets_provider_class_name"] = arguments.pop("secrets_provider_classname")
    settings = LocalRunSettings(**arguments)
    return attrs.evolve(settings, runtime=settings.runtime.lower())
