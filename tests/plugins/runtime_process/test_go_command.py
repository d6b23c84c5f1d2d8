import json
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from pulsemill.auth import AuthenticationConfig
from pulsemill.java_json import message_json, to_ascii_json
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.go_command import go_command
from pulsemill_runtime_process.launch import Launch

MINIMAL = {
    "pulsarServiceURL": "pulsar://localhost:6650",
    "stateStorageServiceUrl": "",
    "pulsarWebServiceUrl": "",
    "instanceID": 0,
    "funcID": "11111111-1111-1111-1111-111111111111",
    "funcVersion": "22222222-2222-2222-2222-222222222222",
    "maxBufTuples": 1024,
    "port": 40001,
    "clusterName": "standalone",
    "killAfterIdleMs": 0,
    "expectedHealthCheckInterval": 30,
    "tenant": "public",
    "nameSpace": "default",
    "name": "exclaim",
    "className": "",
    "logTopic": "",
    "processingGuarantees": 0,
    "secretsMap": "",
    "userConfig": "",
    "runtime": 3,
    "autoAck": False,
    "parallelism": 1,
    "clientAuthenticationPlugin": "",
    "clientAuthenticationParameters": "",
    "tlsTrustCertsFilePath": "",
    "tlsHostnameVerificationEnable": False,
    "tlsAllowInsecureConnection": False,
    "subscriptionType": 0,
    "timeoutMs": 0,
    "subscriptionName": "",
    "cleanupSubscription": False,
    "subscriptionPosition": 0,
    "sourceInputSpecs": {"persistent://public/default/in": '{"schemaType":"string"}'},
    "sourceSpecsTopic": "persistent://public/default/in",
    "sourceSchemaType": "",
    "receiverQueueSize": 0,
    "sinkSpecsTopic": "persistent://public/default/out",
    "sinkSchemaType": "",
    "cpu": 0.0,
    "ram": 0,
    "disk": 0,
    "maxMessageRetries": 0,
    "deadLetterTopic": "",
    "metricsPort": 40002,
    "regexPatternSubscription": False,
}


@pytest.fixture
def go_launch(new_launch: Callable[..., Launch], new_details: Callable[..., FunctionDetails]) -> Launch:
    return new_launch(new_details(FunctionDetails.GO), code=Path("/code/exclaim"))


def configuration(launch: Launch) -> dict[str, object]:
    program, flag, text = go_command(launch)
    assert (program, flag) == (str(launch.code), "-instance-conf")
    read: dict[str, object] = json.loads(text)
    return read


def test_every_key_is_there_and_unset_ones_are_empty(go_launch: Launch) -> None:
    read = configuration(go_launch)
    assert read.pop("functionDetails") == message_json(go_launch.details, to_ascii_json)
    assert read == MINIMAL


def test_what_is_set_is_passed_on(go_launch: Launch) -> None:
    details = go_launch.details
    details.userConfig = '{"k":"v"}'
    details.secretsMap = '{"s":{"path":"p"}}'
    details.processingGuarantees = 1
    details.source.subscriptionName = "sub"
    details.source.timeoutMs = 1000
    details.source.subscriptionPosition = 1
    details.retryDetails.maxMessageRetries = 3
    details.retryDetails.deadLetterTopic = "dlq"
    details.resources.cpu = 0.5
    authentication = AuthenticationConfig(
        client_authentication_plugin="token", client_authentication_parameters="x", tls_trust_certs_file_path="/ca"
    )
    read = configuration(attrs.evolve(go_launch, authentication=authentication))
    expected = {
        "userConfig": '{"k":"v"}',
        "secretsMap": '{"s":{"path":"p"}}',
        "processingGuarantees": 1,
        "subscriptionName": "sub",
        "timeoutMs": 1000,
        "subscriptionPosition": 1,
        "maxMessageRetries": 3,
        "deadLetterTopic": "dlq",
        "cpu": 0.5,
        "clientAuthenticationPlugin": "token",
        "clientAuthenticationParameters": "x",
        "tlsTrustCertsFilePath": "/ca",
    }
    assert {key: read[key] for key in expected} == expected


def test_the_admin_url_is_for_functions_that_may_use_it(go_launch: Launch) -> None:
    launch = attrs.evolve(
        go_launch, worker=attrs.evolve(go_launch.worker, pulsar_web_service_url="http://localhost:8080")
    )
    exposed = attrs.evolve(launch, instance=attrs.evolve(launch.instance, expose_pulsar_admin_client=True))
    assert configuration(launch)["pulsarWebServiceUrl"] == ""
    assert configuration(exposed)["pulsarWebServiceUrl"] == "http://localhost:8080"
