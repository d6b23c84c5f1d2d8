"""What the program does between its command line and its exit code.

Threads. The main thread loads the user's code (which may insist on the main thread), starts the others and then only
waits for a signal or a failure. The thread `function` runs the engine: consumers, user code, producers. The threads of
the control service, of the metrics endpoint and the watchdog only read figures.

Shutdown: the watchdog stops; the function thread finishes the message at hand, stores its outputs, acknowledges,
closes its consumers and producers; then the servers, the client and the unpacked package go. The function thread has
DRAIN_SECONDS for this, the whole process STOP_LIMIT_SECONDS, then the backstop ends it. An instance that still waits
for the broker to let it subscribe has nothing to finish, and ends well.
"""

import logging
import os
import sys
import threading
from contextlib import ExitStack
from typing import NoReturn

from pulsemill_instance import control_server, metrics_server
from pulsemill_instance.arguments import Arguments
from pulsemill_instance.backstop import Backstop
from pulsemill_instance.client import close_client, create_client
from pulsemill_instance.embedded_broker import skip_consumer_ids
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.function_details import parse_function_details
from pulsemill_instance.imports import PathImporter
from pulsemill_instance.instance import FunctionInstance
from pulsemill_instance.launch import client_settings, instance_spec, package_options
from pulsemill_instance.log import finish_output, init_logger, log_file
from pulsemill_instance.packages import open_package
from pulsemill_instance.secretsprovider import load_secrets_provider
from pulsemill_instance.signals import Ending
from pulsemill_instance.termination_message import leave_last_reason
from pulsemill_instance.user_code import load_function
from pulsemill_instance.watchdog import HealthWatchdog

DRAIN_SECONDS = 3.5

log = logging.getLogger(__name__)


def run(arguments: Arguments, ending: Ending, backstop: Backstop) -> str | None:
    """Run an instance until it must end; the reason, None when it was asked to. InstanceError when it cannot start."""
    details, unknown = parse_function_details(arguments.function_details)
    spec = instance_spec(arguments, details)
    file = log_file(arguments.logging_directory, spec.fully_qualified_name, arguments.logging_file, spec.instance_id)
    init_logger(arguments.logging_level, file, arguments.logging_config_file)
    log.info("Starting instance %s:%s: %s", spec.fully_qualified_name, spec.instance_id, arguments)
    for warning in (
        *arguments.warnings,
        *(f"Unknown field of the function's details ignored: {name}" for name in unknown),
    ):
        log.warning("%s", warning)
    with ExitStack() as stack:
        stack.callback(finish_output)
        package = open_package(arguments.py, package_options(arguments))
        stack.callback(package.close)
        importer = PathImporter(package.folders)
        function = load_function(package.package, details.className, importer)
        provider = arguments.secrets_provider, arguments.secrets_provider_config
        secrets = load_secrets_provider(*provider, package.package, importer)
        client = create_client(client_settings(arguments))
        stack.callback(close_client, client)
        skip_consumer_ids(client, arguments.pulsar_serviceurl, spec.instance_id)
        instance = FunctionInstance(
            spec, client, function, secrets, logging.getLogger(), function.lifecycle, ending.fail, ending.fail
        )
        return _supervise(arguments, instance, ending, backstop)


def _supervise(arguments: Arguments, instance: FunctionInstance, ending: Ending, backstop: Backstop) -> str | None:
    """Run the engine and the servers until the end; its reason, None when it was asked for and reached in time."""
    thread = threading.Thread(target=_run_engine, args=(instance, ending), name="function", daemon=True)
    with ExitStack() as stack:
        ending.started()
        thread.start()
        watchdog = HealthWatchdog(arguments.expected_healthcheck_interval, end_by_force, backstop)
        watchdog.start()
        _serve(arguments, instance, watchdog, stack)
        log.info("Started")
        reason = ending.wait()
        log.info("Stopping")
        watchdog.stop()
        instance.request_stop()
        thread.join(DRAIN_SECONDS)
        if thread.is_alive() and reason is None and instance.is_subscribed:
            reason = f"The function did not finish its message within {DRAIN_SECONDS:g} s of the request to stop"
    return reason


def _serve(arguments: Arguments, instance: FunctionInstance, watchdog: HealthWatchdog, stack: ExitStack) -> None:
    """Start the servers; they are stopped with `stack`."""
    server = control_server.serve(arguments.port, instance, watchdog.check)
    stack.callback(server.stop, None)
    metrics = metrics_server.MetricsServer(arguments.metrics_port, lambda: _scrape(instance))
    stack.callback(metrics.close)


def _scrape(instance: FunctionInstance) -> str:
    """The instance's figures, then the process's, as upstream: the process is the function's own."""
    from pulsemill_instance.prometheus import render_process  # noqa: PLC0415 - slow to import, see FunctionInstance

    return instance.prometheus_metrics() + render_process()


def _run_engine(instance: FunctionInstance, ending: Ending) -> None:
    try:
        instance.run()
    except InstanceError as error:
        ending.fail(str(error))
    except BaseException as error:  # whatever user code raised: the process must end and say so
        log.exception("The function ended the instance")
        ending.fail(f"The function ended the instance: {type(error).__name__}: {error}")
    else:
        ending.fail("The instance ended without being asked to")


def end_by_force(reason: str) -> NoReturn:
    """End the process at once, with what may hang left undone: from any thread."""
    log.critical("%s", reason)
    print(reason, file=sys.__stderr__, flush=True)
    leave_last_reason(reason)
    os._exit(1)
