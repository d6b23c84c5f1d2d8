"""The command line of a Go instance: the user's own binary, which has the instance built in."""

import json
from typing import Any

from pulsemill_runtime_process.command_line import message_to_json
from pulsemill_runtime_process.launch import Launch


def go_command(launch: Launch) -> list[str]:
    """The whole command line. Its credentials stay readable in the process list: the binary takes them no other way."""
    return [str(launch.code), "-instance-conf", json.dumps(go_instance_config(launch), separators=(",", ":"))]


def go_instance_config(launch: Launch) -> dict[str, Any]:
    """What the binary reads (upstream: GoInstanceConfig), every key always there, unset ones "" or 0.

    Upstream always sends 0 for expectedHealthCheckInterval, so its Go instances outlive a lost worker for ever.
    """
    return {
        **_identity(launch),
        **_function(launch),
        **_authentication(launch),
        **_source(launch),
        **_sink(launch),
        "metricsPort": launch.metrics_port,
        "functionDetails": message_to_json(launch.details),
        "regexPatternSubscription": False,
    }


def _identity(launch: Launch) -> dict[str, Any]:
    instance, worker = launch.instance, launch.worker
    return {
        "pulsarServiceURL": worker.pulsar_service_url,
        "stateStorageServiceUrl": launch.state_storage_service_url or "",
        "pulsarWebServiceUrl": worker.pulsar_web_service_url or "" if instance.expose_pulsar_admin_client else "",
        "instanceID": instance.instance_id,
        "funcID": instance.function_id,
        "funcVersion": instance.function_version,
        "maxBufTuples": instance.max_buffered_tuples,
        "port": launch.port,
        "clusterName": instance.cluster_name,
        "killAfterIdleMs": 0,
        "expectedHealthCheckInterval": instance.health_check_interval_seconds,
    }


def _function(launch: Launch) -> dict[str, Any]:
    details = launch.details
    return {
        "tenant": details.tenant,
        "nameSpace": details.namespace,
        "name": details.name,
        "className": "",
        "logTopic": details.logTopic,
        "processingGuarantees": details.processingGuarantees,
        "secretsMap": details.secretsMap,
        "userConfig": details.userConfig,
        "runtime": details.runtime,
        "autoAck": details.autoAck,
        "parallelism": details.parallelism,
    }


def _authentication(launch: Launch) -> dict[str, Any]:
    auth = launch.authentication
    plugin = auth.client_authentication_plugin if auth else ""
    parameters = auth.client_authentication_parameters if auth else ""
    complete = bool(plugin.strip() and parameters.strip())
    return {
        "clientAuthenticationPlugin": plugin if complete else "",
        "clientAuthenticationParameters": parameters if complete else "",
        "tlsTrustCertsFilePath": auth.tls_trust_certs_file_path if auth else "",
        "tlsHostnameVerificationEnable": bool(auth and auth.tls_hostname_verification_enable),
        "tlsAllowInsecureConnection": bool(auth and auth.tls_allow_insecure_connection),
    }


def _source(launch: Launch) -> dict[str, Any]:
    source = launch.details.source
    specs = {topic: message_to_json(spec) for topic, spec in sorted(source.inputSpecs.items())}
    return {
        "subscriptionType": 0,
        "timeoutMs": source.timeoutMs,
        "subscriptionName": source.subscriptionName,
        "cleanupSubscription": source.cleanupSubscription,
        "subscriptionPosition": source.subscriptionPosition,
        "sourceInputSpecs": specs,
        "sourceSpecsTopic": next(reversed(specs), ""),
        "sourceSchemaType": "",
        "receiverQueueSize": 0,
    }


def _sink(launch: Launch) -> dict[str, Any]:
    details = launch.details
    return {
        "sinkSpecsTopic": details.sink.topic,
        "sinkSchemaType": "",
        "cpu": details.resources.cpu,
        "ram": details.resources.ram,
        "disk": details.resources.disk,
        "maxMessageRetries": details.retryDetails.maxMessageRetries,
        "deadLetterTopic": details.retryDetails.deadLetterTopic,
    }
