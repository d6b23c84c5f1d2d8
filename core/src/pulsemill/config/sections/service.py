"""Keys of the worker's own service: identity, HTTP, configuration store."""

from typing import Any

import attrs

from pulsemill.config.keys import key
from pulsemill.config.sections.reasons import NO_DLOG, NO_JVM, NO_METADATA_STORE

_PROXY = "client addresses are neither logged nor judged"


@attrs.frozen(kw_only=True, slots=False)
class ServiceKeys:
    """Who the worker is and how it serves HTTP."""

    worker_id: str = key(
        "", "Unique id of the worker.", read_by="pulsemill.worker", derived="workerHostname-workerPort"
    )
    worker_hostname: str = key(
        "",
        "Host name under which other workers and clients reach this one.",
        read_by="pulsemill.worker",
        derived="the host's fully qualified name",
    )
    worker_port: int | None = key(6750, "Port of the REST API over HTTP; null: no HTTP.", read_by="pulsemill.worker")
    worker_port_tls: int | None = key(
        None,
        "Port of the REST API over HTTPS; used with tlsEnabled.",
        read_by="pulsemill.cli",
        sample=6751,
    )
    authenticate_metrics_endpoint: bool = key(
        True, "Whether /metrics, /version and /initialized ask for credentials.", read_by="pulsemill.security"
    )
    include_standard_prometheus_metrics: bool = key(
        False, "Metrics of the Java virtual machine in /metrics.", unused=NO_JVM
    )
    jvm_gc_metrics_logger_class_name: str | None = key(
        None, "Class that logs garbage collections.", unused=NO_JVM, name="jvmGCMetricsLoggerClassName"
    )
    num_http_server_threads: int = key(
        8, "Threads that serve HTTP.", unused="the server is asynchronous and serves all requests from one event loop"
    )
    http_requests_limit_enabled: bool = key(
        False, "Whether requests beyond httpRequestsMaxPerSecond get 429.", unused="requests are not limited by rate"
    )
    http_requests_max_per_second: float = key(
        100.0, "Requests per second that are let through.", unused="requests are not limited by rate"
    )
    max_concurrent_http_requests: int = key(
        1024, "Requests in flight; 0 or less: no limit.", unused="requests in flight are not limited"
    )
    http_server_thread_pool_queue_size: int = key(8192, "Requests that wait for a thread.", unused=NO_JVM)
    http_server_accept_queue_size: int = key(
        8192, "Connections that wait to be accepted.", unused="the server's own backlog is used"
    )
    max_http_server_connections: int = key(2048, "Open connections; 0: no limit.", unused="connections are not limited")
    web_service_ha_proxy_protocol_enabled: bool = key(
        False, "Whether the client's address comes from the PROXY protocol.", unused=_PROXY
    )
    web_service_trust_x_forwarded_for: bool = key(
        False, "Whether the client's address comes from X-Forwarded-For or Forwarded.", unused=_PROXY
    )
    web_service_log_detailed_addresses: bool | None = key(
        None, "Whether the request log has both addresses.", unused=_PROXY
    )
    initialized_dlog_metadata: bool = key(False, "Whether the DistributedLog namespace exists.", unused=NO_DLOG)
    functions_worker_service_nar_package: str = key(
        "",
        "NAR file with another worker service.",
        refused="a Java archive cannot replace the Python worker; remove the key",
    )
    functions_worker_service_custom_configs: dict[str, Any] = key(
        attrs.Factory(dict),
        "Configuration of functionsWorkerServiceNarPackage.",
        unused="only a worker service from a NAR file reads it",
    )
    expose_admin_client_enabled: bool = key(
        False,
        "Whether Java functions get an admin client in their context.",
        read_by="pulsemill.worker",
    )
    properties: dict[str, str] = key(
        attrs.Factory(dict),
        "Everything else, such as brokerClient_* (Pulsar client) and settings of auth providers.",
        read_by="pulsemill.security",
        secret=True,
    )
    configuration_metadata_store_url: str | None = key(
        None,
        "Metadata store of the configuration.",
        unused=NO_METADATA_STORE,
        derived="configurationStoreServers",
        sample="zk:localhost:2181",
    )
    configuration_store_servers: str | None = key(
        None, "Deprecated name of configurationMetadataStoreUrl.", unused=NO_METADATA_STORE, sample="localhost:2181"
    )
    metadata_store_session_timeout_millis: int = key(
        30000, "Session timeout of the metadata store, in milliseconds.", unused=NO_METADATA_STORE
    )
    metadata_store_operation_timeout_seconds: int = key(
        30,
        "Seconds that the broker has to tell who may use a namespace; upstream asks the metadata store.",
        read_by="pulsemill.rest",
    )
    metadata_store_cache_expiry_seconds: int = key(
        300, "Expiry of the metadata store's cache, in seconds.", unused=NO_METADATA_STORE
    )
    metadata_store_allow_read_only_operations: bool = key(
        False, "Whether the metadata store may be read without a quorum.", unused=NO_METADATA_STORE
    )
    zoo_keeper_session_timeout_millis: int = key(
        -1, "Deprecated name of metadataStoreSessionTimeoutMillis; above 0 it wins.", unused=NO_METADATA_STORE
    )
    zoo_keeper_operation_timeout_seconds: int = key(
        -1, "Deprecated name of metadataStoreOperationTimeoutSeconds; above 0 it wins.", read_by="pulsemill.config"
    )
    zoo_keeper_cache_expiry_seconds: int = key(
        -1, "Deprecated name of metadataStoreCacheExpirySeconds; above 0 it wins.", unused=NO_METADATA_STORE
    )
    zoo_keeper_allow_read_only_operations: bool = key(
        False, "Deprecated name of metadataStoreAllowReadOnlyOperations.", unused=NO_METADATA_STORE
    )
