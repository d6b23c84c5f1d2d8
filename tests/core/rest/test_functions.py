"""GET of functions."""

from typing import Any

import pytest

from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

CONSUMER = {
    "schemaType": None,
    "serdeClassName": None,
    "regexPattern": False,
    "schemaProperties": {},
    "consumerProperties": {},
    "receiverQueueSize": None,
    "cryptoConfig": None,
    "poolMessages": False,
}
CONFIG = {
    "runtimeFlags": None,
    "tenant": "public",
    "namespace": "default",
    "name": "exclaim",
    "className": "exclaim.Exclaim",
    "inputs": None,
    "customSerdeInputs": None,
    "topicsPattern": None,
    "customSchemaInputs": None,
    "customSchemaOutputs": None,
    "inputSpecs": {"in": CONSUMER},
    "inputTypeClassName": None,
    "output": "out",
    "producerConfig": {
        "maxPendingMessages": None,
        "maxPendingMessagesAcrossPartitions": None,
        "useThreadLocalProducers": False,
        "cryptoConfig": None,
        "batchBuilder": "",
        "compressionType": "LZ4",
    },
    "outputSchemaType": None,
    "outputTypeClassName": None,
    "outputSerdeClassName": None,
    "logTopic": None,
    "processingGuarantees": "ATLEAST_ONCE",
    "retainOrdering": False,
    "retainKeyOrdering": False,
    "batchBuilder": None,
    "forwardSourceMessageProperty": True,
    "userConfig": {},
    "secrets": None,
    "runtime": "PYTHON",
    "autoAck": True,
    "maxMessageRetries": None,
    "deadLetterTopic": None,
    "subName": None,
    "parallelism": 1,
    "resources": {"cpu": 1.0, "ram": 1073741824, "disk": 10737418240},
    "fqfn": None,
    "windowConfig": None,
    "timeoutMs": None,
    "jar": None,
    "py": None,
    "go": None,
    "functionType": None,
    "cleanupSubscription": True,
    "customRuntimeOptions": None,
    "maxPendingAsyncRequests": None,
    "exposePulsarAdminClientEnabled": None,
    "skipToLatest": None,
    "subscriptionPosition": "Latest",
}


async def sink(world: Any, name: str = "a-sink") -> None:
    kind = FunctionDetails.ComponentType.SINK
    details = FunctionDetails(tenant="public", namespace="default", name=name, componentType=kind)
    await world.functions.write(FunctionMetaData(functionDetails=details))


async def test_get_writes_every_field_with_nulls_and_defaults(world: Any) -> None:
    await world.register()
    response = await world.client.get(world.url)
    assert (response.status_code, response.json()) == (200, CONFIG)
    assert response.headers["content-type"] == "application/json"


async def test_get_of_an_unknown_function(world: Any) -> None:
    response = await world.client.get(world.url)
    assert (response.status_code, response.json()) == (404, {"reason": "Function exclaim doesn't exist"})


async def test_get_of_a_sink(world: Any) -> None:
    await sink(world)
    response = await world.client.get("/admin/v3/functions/public/default/a-sink")
    assert (response.status_code, response.json()) == (404, {"reason": "Function a-sink doesn't exist"})


async def test_list_has_functions_only(world: Any) -> None:
    await sink(world)
    await world.register("b")
    await world.register("a")
    response = await world.client.get("/admin/v3/functions/public/default")
    assert (response.status_code, response.json()) == (200, ["a", "b"])


async def test_list_of_an_unknown_namespace(world: Any) -> None:
    response = await world.client.get("/admin/v3/functions/no/where")
    assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize("name", ["%2e%2e", "%5c..%5cx", "a%00b", "%20", "x" * 300])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_names_that_could_lead_elsewhere_are_refused(world: Any, method: str, name: str) -> None:
    response = await world.client.request(method, f"/admin/v3/functions/public/default/{name}")
    assert response.status_code in {400, 404}
    assert "reason" in response.json()
    assert world.functions.by_name == {}


async def test_an_escaped_separator_does_not_reach_any_function(world: Any) -> None:
    response = await world.client.get("/admin/v3/functions/public/default/..%2f..%2fetc")
    assert response.status_code == 404
