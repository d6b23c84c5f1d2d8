"""Runs a functions worker from its configuration."""

from pathlib import Path

import attrs

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cli.configuration import load
from pulsemill.cli.log_output import configure_logging
from pulsemill.cli.serving import serve_until_stopped
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.worker.http_server import listen
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.service import WorkerService


def run(conf: Path | None, *, strict: bool, log_json: bool, log_level: str) -> None:
    """Run a worker until it is stopped."""
    configure_logging(as_json=log_json, level=log_level)
    config, origins = load(conf, strict=strict)
    listener = tls_listener = None
    if config.worker_port is not None:
        listener = listen("0.0.0.0", config.worker_port)
        config = attrs.evolve(config, worker_port=listener.getsockname()[1])
    if config.tls_enabled and config.worker_port_tls is not None:
        tls_listener = listen("0.0.0.0", config.worker_port_tls, "workerPortTls")
        config = attrs.evolve(config, worker_port_tls=tls_listener.getsockname()[1])
    setup = RuntimeSetup.selected(SelectedPlugins(PluginRegistry.installed(), config, origins), strict=strict)
    admin = BrokerAdmin.from_config(config) if config.pulsar_web_service_url else None
    serve_until_stopped(WorkerService(config, setup, listener, admin, tls_listener), lambda: None)
