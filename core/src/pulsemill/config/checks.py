"""Values of the right type that cannot work."""

import re
from collections.abc import Iterator
from typing import Final

from pulsemill.config.coercions import MismatchError
from pulsemill.config.findings import Finding, Origins, Severity
from pulsemill.config.sections.runtime import BOOKKEEPER_STATE
from pulsemill.config.security_checks import security_checks
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.instance_ids import MOST_INSTANCES
from pulsemill_instance.state.urls import STATE_URLS, is_state_url

_LARGEST_PORT: Final = 65535


def checks(config: WorkerConfig, origins: Origins) -> Iterator[Finding]:
    """Errors about single values, after derivation."""
    for path, value, expected in _misfits(config):
        yield origins.finding(Severity.ERROR, path, str(MismatchError(value, expected)))
    yield from security_checks(config, origins)


def _misfits(config: WorkerConfig) -> Iterator[tuple[str, object, str]]:
    if config.worker_port is not None and not 0 <= config.worker_port <= _LARGEST_PORT:
        yield "workerPort", config.worker_port, f"a port from 0 (any free one) to {_LARGEST_PORT}"
    if config.worker_port is None and not config.tls_enabled:
        yield "workerPort", None, "a port: without HTTPS, the REST API has no other"
    if config.worker_port_tls is not None and not 0 <= config.worker_port_tls <= _LARGEST_PORT:
        yield "workerPortTls", config.worker_port_tls, f"a port from 0 (any free one) to {_LARGEST_PORT}"
    if not re.fullmatch(r"[^/\s]+/[^/\s]+", config.pulsar_functions_namespace):
        yield "pulsarFunctionsNamespace", config.pulsar_functions_namespace, "tenant/namespace"
    if not re.match(r"pulsar(\+ssl)?://[^/]", config.pulsar_service_url):
        yield "pulsarServiceUrl", config.pulsar_service_url, "a URL such as pulsar://localhost:6650"
    if config.pulsar_web_service_url and not re.match(r"https?://[^/]", config.pulsar_web_service_url):
        yield "pulsarWebServiceUrl", config.pulsar_web_service_url, "a URL such as http://localhost:8080, or nothing"
    if config.instance_liveness_check_freq_ms < 1:
        yield "instanceLivenessCheckFreqMs", config.instance_liveness_check_freq_ms, "at least 1 millisecond"
    yield from _state(config)
    yield from _patterns(config)
    yield from _own(config)


def _state(config: WorkerConfig) -> Iterator[tuple[str, object, str]]:
    url, provider = config.state_storage_service_url, config.state_storage_provider_implementation
    if url and not is_state_url(url):
        yield "stateStorageServiceUrl", url, STATE_URLS
    if provider != BOOKKEEPER_STATE:
        yield (
            "stateStorageProviderImplementation",
            provider,
            f"{BOOKKEEPER_STATE}, as the stores of other classes are for Java alone",
        )


def _patterns(config: WorkerConfig) -> Iterator[tuple[str, object, str]]:
    for index, pattern in enumerate(config.additional_enabled_functions_url_patterns):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"additionalEnabledFunctionsUrlPatterns[{index}]", pattern, f"a regular expression ({error})"


def _own(config: WorkerConfig) -> Iterator[tuple[str, object, str]]:
    own = config.pulsemill
    if own.max_package_bytes < 1:
        yield "pulsemill.maxPackageBytes", own.max_package_bytes, "at least 1 byte"
    if not 1 <= own.max_parallelism <= MOST_INSTANCES:
        yield "pulsemill.maxParallelism", own.max_parallelism, f"a number from 1 to {MOST_INSTANCES}"
    if own.restart_backoff_initial_seconds < 0:
        yield "pulsemill.restartBackoffInitialSeconds", own.restart_backoff_initial_seconds, "0 or more seconds"
    if own.restart_backoff_max_seconds < own.restart_backoff_initial_seconds:
        yield (
            "pulsemill.restartBackoffMaxSeconds",
            own.restart_backoff_max_seconds,
            "at least restartBackoffInitialSeconds",
        )
    if own.package_download_timeout_seconds <= 0:
        yield "pulsemill.packageDownloadTimeoutSeconds", own.package_download_timeout_seconds, "more than 0 seconds"
