"""Sources and sinks over REST: registering, reading, updating, listing, and that kinds do not mix."""

import json
from typing import Any

import pytest

from pulsemill.names import FunctionName, InstanceName
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus

NAMESPACE = "public/default"
INPUTS = {"source": {"topicName": "out"}, "sink": {"inputs": ["in"]}}
Exceptions = FunctionStatus.ExceptionInformation


class Connectors:
    """Requests about connectors, to a worker with the built-in connector `acme` and the function `acme-function`."""

    def __init__(self, world: Any, java: Any) -> None:
        self.client, self.world, self.nar = world.client, world, java.connector()
        (world.ports.builtins.connectors.directory / "acme.nar").write_bytes(self.nar)
        transform = java.function("org.acme.F", "Ljava/lang/Integer;", "Lorg/apache/pulsar/functions/api/Record<[B>;")
        (world.ports.builtins.functions.directory / "transform.nar").write_bytes(transform)
        world.ports.builtins.load()

    async def send(self, method: str, kind: str, *, data: bytes | None = None, **config: Any) -> tuple[int, Any]:
        files: dict[str, Any] = {f"{kind}Config": (None, json.dumps(config), "application/json")}
        if data is not None:
            files["data"] = ("acme.nar", data)
        response = await self.client.request(method, f"/admin/v3/{kind}s/{NAMESPACE}/c", files=files)
        return response.status_code, response.json()["reason"] if response.content else None

    async def register(self, kind: str, **config: Any) -> tuple[int, Any]:
        return await self.send("POST", kind, **{"archive": "builtin://acme", **INPUTS[kind], **config})

    async def update(self, kind: str, **config: Any) -> tuple[int, Any]:
        return await self.send("PUT", kind, **config)

    async def get(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"/admin/v3/{kind}/{NAMESPACE}/c")).json()
        return found

    @property
    def stored(self) -> FunctionMetaData:
        metadata: FunctionMetaData = self.world.functions.by_name[FunctionName("public", "default", "c")]
        return metadata


@pytest.fixture
def connectors(world: Any, java: Any) -> Connectors:
    return Connectors(world, java)


async def test_a_builtin_source(connectors: Connectors) -> None:
    assert await connectors.register("source", configs={"n": 5}) == (204, None)
    assert connectors.stored.packageLocation.packagePath == "builtin://acme"
    details = connectors.stored.functionDetails
    assert (details.source.className, details.source.typeClassName) == ("org.acme.AcmeSource", "java.lang.String")
    assert (details.sink.topic, details.sink.typeClassName) == ("out", "java.lang.String")
    shown = await connectors.get("source")
    assert shown == await connectors.get("sources")
    assert (shown["className"], shown["archive"], shown["configs"]) == (
        "org.acme.AcmeSource",
        "builtin://acme",
        {"n": 5},
    )
    assert shown["producerConfig"]["compressionType"] == "LZ4"
    assert shown["batchSourceConfig"] is None


@pytest.mark.parametrize("configs", [None, {}, {"a": [1, 1.5]}])
async def test_the_configuration_of_a_sink_is_read_back_as_it_was_given(connectors: Connectors, configs: Any) -> None:
    assert await connectors.register("sink", configs=configs) == (204, None)
    assert (await connectors.get("sink"))["configs"] == configs


async def test_the_password_of_a_stored_url_is_not_logged(
    connectors: Connectors, caplog: pytest.LogCaptureFixture
) -> None:
    await connectors.register("source")
    connectors.stored.packageLocation.packagePath = "https://me:secret@host/acme.nar?signature=secret"
    assert await connectors.update("source", parallelism=2) == (204, None)
    assert "The stored package https://host/acme.nar is not looked into" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("kind", ["source", "sink"])
async def test_a_parallelism_above_the_maximum_is_refused(connectors: Connectors, kind: str) -> None:
    status, reason = await connectors.register(kind, parallelism=1001)
    most = "must be at most 1000 (pulsemill.maxParallelism of the worker), not 1001"
    assert (status, reason) == (400, f"{kind.capitalize()} parallelism {most}")


async def test_an_uploaded_sink(connectors: Connectors) -> None:
    assert await connectors.register("sink", archive=None, data=connectors.nar) == (204, None)
    assert connectors.stored.packageLocation.originalFileName == "acme.nar"
    assert connectors.stored.functionDetails.sink.className == "org.acme.AcmeSink"
    shown = await connectors.get("sink")
    assert (shown["inputs"], shown["archive"], shown["sourceSubscriptionPosition"]) == (["in"], None, "Latest")


async def test_a_sink_with_a_transform_function(connectors: Connectors) -> None:
    function = {"transformFunction": "builtin://acme-function", "transformFunctionConfig": '{"a": 1}'}
    assert await connectors.register("sink", **function) == (204, None)
    details = connectors.stored.functionDetails
    assert (details.className, details.builtin, details.userConfig) == ("org.acme.F", "acme-function", '{"a": 1}')
    assert details.source.typeClassName == "java.lang.Integer"
    assert connectors.stored.transformFunctionPackageLocation.packagePath == "builtin://acme-function"
    assert (await connectors.get("sink"))["transformFunctionClassName"] == "org.acme.F"
    assert await connectors.update("sink", parallelism=2) == (204, None)
    assert connectors.stored.functionDetails.className == "org.acme.F"


@pytest.mark.parametrize(
    ("kind", "config", "reason"),
    [
        ("source", {"archive": None}, "Source package is not provided"),
        ("sink", {"archive": None}, "Sink package is not provided"),
        ("source", {"archive": "builtin://no"}, "Built-in source is not available"),
        ("sink", {"archive": "builtin://no"}, "Built-in sink is not available"),
        ("sink", {"transformFunction": "builtin://no"}, "Built-in SINK is not available"),
        ("source", {"topicName": "a/b"}, "Topic name is invalid"),
        ("source", {"logTopic": "a/b"}, "LogTopic topic a/b is invalid"),
        ("source", {"parallelism": 0}, "Source parallelism must be a positive number"),
        ("source", {"resources": {"cpu": -1}}, "The cpu allocation for the function must be positive"),
        ("source", {"className": ""}, "Source class  not found in class loader"),
        ("sink", {"topicsPattern": ""}, "Input topic  is invalid"),
        ("source", {"className": "x.Y"}, "Source class x.Y not found in class loader"),
        (
            "source",
            {"className": "org.acme.AcmeSink"},
            "Source class org.acme.AcmeSink does not implement the correct interface",
        ),
        (
            "source",
            {"className": "org.acme.AcmeBatch"},
            (
                "Source class org.acme.AcmeBatch implements org.apache.pulsar.io.core.BatchSource but batch source "
                "source config is not specified"
            ),
        ),
        (
            "source",
            {"className": "org.acme.AcmeBatch", "batchSourceConfig": {}},
            "BatchSourceConfig does not specify Discovery Trigger ClassName",
        ),
        (
            "source",
            {"schemaType": "JSON", "serdeClassName": "x"},
            "Only one of serdeClassName or schemaType should be set",
        ),
        ("source", {"schemaType": "x.Y"}, "The schema class x.Y does not exist"),
        ("source", {"archve": "x"}, "sourceConfig has no field 'archve'; did you mean archive?"),
        (
            "sink",
            {"inputs": None},
            (
                "Must specify at least one topic of input via topicToSerdeClassName, topicsPattern, topicToSchemaType "
                "or inputSpecs"
            ),
        ),
        ("sink", {"inputs": ["a/b"]}, "Input topic a/b is invalid"),
        ("sink", {"parallelism": 0}, "Sink parallelism must be a positive number"),
        ("sink", {"timeoutMs": -1}, "Sink timeout must be a positive number"),
        (
            "sink",
            {"retainOrdering": True, "retainKeyOrdering": True},
            "Only one of retain ordering or retain key ordering can be set",
        ),
        ("sink", {"className": "x.Y"}, "Sink class x.Y not found"),
        (
            "sink",
            {"inputSpecs": {"a": {"serdeClassName": "x.Y"}}},
            "The input serialization/deserialization class x.Y does not exist",
        ),
    ],
)
async def test_refusals(connectors: Connectors, kind: str, config: dict[str, Any], reason: str) -> None:
    assert await connectors.register(kind, **config) == (400, reason)


async def test_packages_without_a_description(connectors: Connectors, java: Any) -> None:
    reason = "Source package doesn't contain the META-INF/services/pulsar-io.yaml file."
    assert await connectors.register("source", archive=None, data=java.nar(None)) == (400, reason)
    reason = "Failed to extract sink class from archive"
    assert await connectors.register("sink", archive=None, data=java.nar("name: x")) == (400, reason)


async def test_a_transform_function_must_give_records(connectors: Connectors, java: Any) -> None:
    plain = java.function("org.acme.G", "[B", "[B")
    (connectors.world.ports.builtins.functions.directory / "transform.nar").write_bytes(plain)
    reason = "Sink transform function output must be of type Record"
    connectors.world.ports.builtins.load()
    assert await connectors.register("sink", transformFunction="builtin://acme-function") == (400, reason)


async def test_kinds_do_not_mix(connectors: Connectors) -> None:
    await connectors.register("source")
    assert await connectors.register("sink") == (400, "Sink c already exists")
    assert await connectors.update("sink", parallelism=2) == (404, "Sink c doesn't exist")
    assert (await connectors.get("sink")) == {"reason": "Sink c doesn't exist"}
    assert (await connectors.get("functions")) == {"reason": "Function c doesn't exist"}
    names = [(await connectors.client.get(f"/admin/v3/{kind}s/{NAMESPACE}")).json() for kind in ("source", "sink")]
    assert names == [["c"], []]
    assert (await connectors.client.delete(f"/admin/v3/sink/{NAMESPACE}/c")).status_code == 404
    assert (await connectors.client.delete(f"/admin/v3/source/{NAMESPACE}/c")).status_code == 204


async def test_no_config(connectors: Connectors) -> None:
    response = await connectors.client.post(f"/admin/v3/sinks/{NAMESPACE}/c", files={"data": ("x.nar", b"1")})
    assert (response.status_code, response.json()) == (400, {"reason": "Sink config is not provided"})


@pytest.mark.parametrize(
    ("kind", "update", "answer"),
    [
        ("source", {}, (400, "Update contains no change")),
        ("source", {"archive": "builtin://acme"}, (400, "Update contains no change")),
        ("source", {"topicName": "other"}, (204, None)),
        ("source", {"processingGuarantees": "ATMOST_ONCE"}, (400, "Processing Guarantees cannot be altered")),
        (
            "source",
            {"batchSourceConfig": {"discoveryTriggererClassName": "x"}},
            (400, "Sources cannot be update between regular sources and batchsource"),
        ),
        ("sink", {"inputs": ["in"]}, (400, "Update contains no change")),
        ("sink", {"inputs": ["other"]}, (400, "Input Topics cannot be altered")),
        ("sink", {"topicsPattern": "in"}, (400, "isRegexPattern for input topic in cannot be altered")),
        ("sink", {"sourceSubscriptionName": "s"}, (400, "Subscription Name cannot be altered")),
        ("sink", {"retainOrdering": True}, (400, "Retain Ordering cannot be altered")),
        ("sink", {"retainKeyOrdering": True}, (400, "Retain Key Ordering cannot be altered")),
        ("sink", {"autoAck": False}, (400, "AutoAck cannot be altered")),
        ("sink", {"maxMessageRetries": 3}, (204, None)),
        ("sink", {"transformFunction": "builtin://acme-function"}, (204, None)),
        ("sink", {"className": "x.Y"}, (400, "Sink class x.Y not found")),
    ],
)
async def test_updates(connectors: Connectors, kind: str, update: dict[str, Any], answer: tuple[int, Any]) -> None:
    await connectors.register(kind)
    assert await connectors.update(kind, **update) == answer


async def test_an_update_of_one_that_is_not_there(connectors: Connectors) -> None:
    assert await connectors.update("sink", parallelism=2) == (400, "Sink c doesn't exist")


async def test_a_position_that_clients_always_send_changes_nothing(connectors: Connectors) -> None:
    await connectors.register("sink", sourceSubscriptionPosition="Earliest")
    assert await connectors.update("sink", parallelism=2, sourceSubscriptionPosition="Latest") == (204, None)
    assert (await connectors.get("sink"))["sourceSubscriptionPosition"] == "Earliest"


async def test_uploaded_code_replaces_a_builtin(connectors: Connectors) -> None:
    await connectors.register("source")
    assert await connectors.update("source", data=connectors.nar) == (204, None)
    assert connectors.stored.packageLocation.originalFileName == "acme.nar"
    assert (await connectors.get("source"))["archive"] is None


async def test_pods_download_builtin_archives(connectors: Connectors) -> None:
    await connectors.register("sink", transformFunction="builtin://acme-function")
    transform = (connectors.world.ports.builtins.functions.directory / "transform.nar").read_bytes()
    for parameters, content in (({}, connectors.nar), ({"transform-function": "true"}, transform)):
        response = await connectors.client.get(f"/admin/v3/functions/{NAMESPACE}/c/download", params=parameters)
        assert (response.status_code, response.content) == (200, content)


async def test_an_update_while_the_package_cannot_be_read(connectors: Connectors) -> None:
    await connectors.register("source")
    (connectors.world.ports.builtins.connectors.directory / "acme.nar").unlink()
    connectors.world.ports.builtins.load()
    assert await connectors.update("source", parallelism=2) == (204, None)
    details = connectors.stored.functionDetails
    assert (details.source.className, details.source.typeClassName) == ("org.acme.AcmeSource", "java.lang.String")


async def test_a_batch_source(connectors: Connectors) -> None:
    batch = {"discoveryTriggererClassName": "x.Y", "discoveryTriggererConfig": {"a": 1}}
    assert await connectors.register("source", className="org.acme.AcmeBatch", batchSourceConfig=batch) == (204, None)
    details = connectors.stored.functionDetails
    assert details.source.className == "org.apache.pulsar.functions.source.batch.BatchSourceExecutor"
    configs = json.loads(details.source.configs)
    assert configs["__BATCHSOURCECLASSNAME__"] == "org.acme.AcmeBatch"
    assert json.loads(configs["__BATCHSOURCECONFIGS__"]) == batch
    shown = await connectors.get("source")
    assert (shown["className"], shown["batchSourceConfig"], shown["configs"]) == ("org.acme.AcmeBatch", batch, {})
    other = {"discoveryTriggererClassName": "x.Z"}
    reason = "DiscoverTriggerer class cannot be updated for batchsources"
    assert await connectors.update("source", batchSourceConfig=other) == (400, reason)
    assert await connectors.update("source", parallelism=2, batchSourceConfig=batch) == (204, None)


async def test_status_names_what_each_kind_counts(connectors: Connectors) -> None:
    for kind, received, done, own in (
        ("source", "numReceivedFromSource", "numWritten", "Source"),
        ("sink", "numReadFromPulsar", "numWrittenToSink", "Sink"),
    ):
        connectors.world.functions.by_name.clear()
        await connectors.register(kind)
        connectors.world.instances.assigned.clear()
        connectors.world.instances.assign(connectors.stored, 0)
        connectors.world.instances.statuses[InstanceName(FunctionName("public", "default", "c"), 0)] = FunctionStatus(
            running=True,
            numReceived=3,
            numSuccessfullyProcessed=2,
            numSystemExceptions=1,
            numSourceExceptions=10,
            numSinkExceptions=100,
            numUserExceptions=1000,
            workerId="w1",
        )
        status = (await connectors.client.get(f"/admin/v3/{kind}s/{NAMESPACE}/c/0/status")).json()
        assert (status[received], status[done]) == (3, 2)
        own_count = {"Source": 10, "Sink": 100}[own]
        assert status[f"num{own}Exceptions"] == own_count
        assert status["numSystemExceptions"] == 1111 - own_count
        assert "averageLatency" not in status
        assert status["lastReceivedTime"] == 0
        whole = (await connectors.client.get(f"/admin/v3/{kind}/{NAMESPACE}/c/status")).json()
        assert (whole["numInstances"], whole["numRunning"], whole["instances"][0]["status"]) == (1, 1, status)


async def test_an_instance_that_nobody_has(connectors: Connectors) -> None:
    await connectors.register("sink")
    response = await connectors.client.get(f"/admin/v3/sinks/{NAMESPACE}/c/0/status")
    assert response.json()["error"] == "Sink has not been scheduled"
    response = await connectors.client.get(f"/admin/v3/sinks/{NAMESPACE}/c/7/status")
    assert (response.status_code, response.json()["reason"]) == (400, "Sink c doesn't have instance with id 7")


async def test_start_and_stop(connectors: Connectors) -> None:
    await connectors.register("sink")
    url = f"/admin/v3/sink/{NAMESPACE}/c"
    assert (await connectors.client.post(f"{url}/stop")).status_code == 204
    assert (await connectors.client.post(f"{url}/stop")).json() == {"reason": "Operation not permitted"}
    assert (await connectors.client.post(f"{url}/0/start")).status_code == 204
    assert (await connectors.client.get(f"{url}/stats")).status_code == 404


async def test_the_lists_of_builtins(connectors: Connectors, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")  # what is logged of a request must not get in its way
    (connector,) = (await connectors.client.get("/admin/v3/functions/connectors")).json()
    assert (connector["name"], connector["sinkClass"], connector["sinkConfigClass"]) == (
        "acme",
        "org.acme.AcmeSink",
        None,
    )
    assert (await connectors.client.get("/admin/v3/sources/builtinsources")).json() == [connector]
    assert (await connectors.client.get("/admin/v3/sink/builtinsinks")).json() == [connector]
    (field,) = (await connectors.client.get("/admin/v3/sources/builtinsources/acme/configdefinition")).json()
    assert (field["fieldName"], field["attributes"]["help"]) == ("address", "Where it is")
    for path, kind in (("sinks/builtinsinks/acme", "sink"), ("sources/builtinsources/none", "source")):
        response = await connectors.client.get(f"/admin/v3/{path}/configdefinition")
        assert (response.status_code, response.json()) == (404, {"reason": f"builtin {kind} does not exist"})


async def test_reloading_finds_what_has_come_and_gone(connectors: Connectors, java: Any) -> None:
    folder = connectors.world.ports.builtins.connectors.directory
    (folder / "acme.nar").unlink()
    (folder / "new.nar").write_bytes(java.nar("name: new\nsinkClass: a.B"))
    (folder / "bad.nar").write_bytes(b"garbage")
    (folder / "nameless.nar").write_bytes(java.nar("sinkClass: a.B"))
    assert (await connectors.client.post("/admin/v3/sinks/reloadBuiltInSinks")).status_code == 204
    assert [each["name"] for each in (await connectors.client.get("/admin/v3/sinks/builtinsinks")).json()] == ["new"]


async def test_an_archive_of_functions_without_one_is_left_out(connectors: Connectors, java: Any) -> None:
    folder = connectors.world.ports.builtins.functions.directory
    (folder / "other.nar").write_bytes(java.nar("name: other\ndescription: No function"))
    connectors.world.ports.builtins.load()
    names = [each["name"] for each in (await connectors.client.get("/admin/v3/functions/builtins")).json()]
    assert names == ["acme-function"]
    reason = "Built-in SINK is not available"
    assert await connectors.register("sink", transformFunction="builtin://other") == (400, reason)


async def test_the_configuration_of_a_transform_function_stays_as_it_is(connectors: Connectors) -> None:
    function = {"transformFunction": "builtin://acme-function", "transformFunctionConfig": " "}
    assert await connectors.register("sink", **function) == (204, None)
    assert (await connectors.get("sink"))["transformFunctionConfig"] == " "
