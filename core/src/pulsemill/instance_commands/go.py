"""What a Go instance is told: the user's own binary, which has the instance built in (upstream: GoInstanceConfig)."""

from typing import Any

from pulsemill.instance_commands.arguments import InstanceArguments
from pulsemill.java_json import message_json


def go_instance_config(arguments: InstanceArguments, expected_health_check_interval: int) -> dict[str, Any]:
    """What the binary reads, in upstream's order, every key always there, unset ones "" or 0."""
    return {
        **_identity(arguments),
        "expectedHealthCheckInterval": expected_health_check_interval,
        **_function(arguments),
        **_authentication(arguments),
        **_running(arguments),
        **_source(arguments),
        **_sink(arguments),
        "metricsPort": arguments.metrics_port,
        "functionDetails": arguments.details_json,
        "regexPatternSubscription": False,
    }


def _identity(arguments: InstanceArguments) -> dict[str, Any]:
    instance = arguments.instance
    return {
        "pulsarServiceURL": arguments.pulsar_service_url,
        "stateStorageServiceUrl": arguments.state_storage_service_url or "",
        "pulsarWebServiceUrl": arguments.exposed_web_service_url,
        "instanceID": instance.instance_id,
        "funcID": instance.function_id,
        "funcVersion": instance.function_version,
        "maxBufTuples": instance.max_buffered_tuples,
        "port": arguments.port,
        "clusterName": instance.cluster_name,
        "killAfterIdleMs": 0,
    }


def _function(arguments: InstanceArguments) -> dict[str, Any]:
    details = arguments.details
    return {
        "tenant": details.tenant,
        "nameSpace": details.namespace,
        "name": details.name,
        "className": "",
        "logTopic": details.logTopic,
        "processingGuarantees": details.processingGuarantees,
        "secretsMap": details.secretsMap,
        "userConfig": details.userConfig,
    }


def _authentication(arguments: InstanceArguments) -> dict[str, Any]:
    auth = arguments.authentication
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


def _running(arguments: InstanceArguments) -> dict[str, Any]:
    details = arguments.details
    return {"runtime": details.runtime, "autoAck": details.autoAck, "parallelism": details.parallelism}


def _source(arguments: InstanceArguments) -> dict[str, Any]:
    source = arguments.details.source
    specs = {topic: message_json(spec, arguments.write_json) for topic, spec in sorted(source.inputSpecs.items())}
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


def _sink(arguments: InstanceArguments) -> dict[str, Any]:
    details = arguments.details
    return {
        "sinkSpecsTopic": details.sink.topic,
        "sinkSchemaType": "",
        "cpu": details.resources.cpu,
        "ram": details.resources.ram,
        "disk": details.resources.disk,
        "maxMessageRetries": details.retryDetails.maxMessageRetries,
        "deadLetterTopic": details.retryDetails.deadLetterTopic,
    }
