"""POST of functions: the order of checks, their texts, and that nothing is left behind."""

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pulsemill.errors import AdmissionError, BrokerError, LeaderNotReadyError, MetadataWriteError, PulsemillError
from pulsemill.names import FunctionName
from pulsemill.rest.config_part import _tell_once
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

CONFIG = {"className": "exclaim.Exclaim", "inputs": ["in"], "runtime": "PYTHON"}


def json_part(config: Any = CONFIG) -> tuple[None, str, str]:
    return (None, json.dumps(config), "application/json")


async def test_stores_function_and_package(world: Any) -> None:
    response = await world.register()
    assert (response.status_code, response.content) == (204, b"")
    stored = world.stored()
    assert stored.version == 0
    assert stored.createTime > 1_600_000_000_000
    assert stored.packageLocation.originalFileName == "exclaim.py"
    (digest,) = world.blobs()
    assert stored.packageLocation.packagePath == f"public/default/exclaim/{digest}-exclaim.py"


async def test_the_url_names_the_function_not_the_body(world: Any) -> None:
    await world.register(tenant="other", namespace="other", name="other")
    assert FunctionName.of(world.stored().functionDetails) == FunctionName("public", "default", "exclaim")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
async def test_accepts_a_charset(world: Any, content_type: str) -> None:
    parts = {"functionConfig": (None, json.dumps(CONFIG), content_type), "data": ("x.py", b"1")}
    assert (await world.client.post(world.url, files=parts)).status_code == 204


async def test_accepts_the_go_clients_part_name(world: Any) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="functionConfig" \r\nContent-Type: application/json\r\n\r\n'
        + json.dumps(CONFIG).encode()
        + b'\r\n--b\r\nContent-Disposition: form-data; name="data"; filename="x.py"\r\n\r\n1\r\n--b--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (await world.client.post(world.url, content=body, headers=headers)).status_code == 204


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"data": ("x.py", b"1")}, "Function config is not provided"),
        ({"functionConfig": (None, json.dumps(CONFIG), "text/plain")}, "Function config is not provided"),
        ({"functionConfig": json_part()}, "Function Package is not provided"),
        ({"functionConfig": json_part({**CONFIG, "runtime": "JAVA"})}, "Function package is not provided"),
        ({"functionConfig": json_part({**CONFIG, "jar": "builtin://x"})}, "No Function x found"),
        (
            {"functionConfig": json_part({"classname": "x"})},
            "functionConfig has no field 'classname'; did you mean className?",
        ),
        (
            {"functionConfig": json_part(), "url": (None, "function://public/default/x@1")},
            "Function Package management service is disabled. Please enable it to use function://public/default/x@1",
        ),
        (
            {"functionConfig": json_part(), "url": (None, "http://somewhere/x.py"), "data": ("x.py", b"1")},
            "Function Package url is not valid.supported url (http/https/file)",
        ),
        ({"functionConfig": json_part(), "data": ("x.py", b"")}, "The package 'x.py' is empty"),
    ],
)
async def test_refuses_with_reason(world: Any, parts: dict[str, Any], reason: str) -> None:
    response = await world.client.post(world.url, files=parts)
    assert (response.status_code, response.json()) == (400, {"reason": reason})
    assert world.functions.by_name == {}
    assert world.blobs() == []


@pytest.mark.parametrize(("headers", "status"), [({}, 400), ({"Content-Type": "application/json"}, 415)])
async def test_refuses_a_body_that_is_no_form(world: Any, headers: dict[str, str], status: int) -> None:
    response = await world.client.post(world.url, content=json.dumps(CONFIG), headers=headers)
    assert (response.status_code, response.json()) == (status, {"reason": "The request must be multipart/form-data"})


async def test_refuses_a_truncated_form(world: Any) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="data"; filename="x.py"\r\n\r\nhalf a pack'
    response = await world.client.post(
        world.url, content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert response.status_code == 400
    assert response.json()["reason"] == "The multipart form ends before its last boundary"


async def test_refuses_a_corrupt_archive(world: Any) -> None:
    parts = {"functionConfig": json_part(), "data": ("x.zip", b"PK\x03\x04 not really")}
    response = await world.client.post(world.url, files=parts)
    assert response.status_code == 400
    assert response.json()["reason"].startswith("x.zip: not a usable zip archive")


async def test_refuses_an_archive_that_climbs_out(world: Any) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../evil.py", "1")
    response = await world.client.post(
        world.url, files={"functionConfig": json_part(), "data": ("x.zip", file.getvalue())}
    )
    assert response.status_code == 400
    assert "'../evil.py' climbs out" in response.json()["reason"]


async def test_refuses_an_oversized_package_after_reading_it_away(world: Any) -> None:
    response = await world.register(code=b"x" * 300_000)
    assert response.status_code == 413
    assert "larger than this worker takes, 100000 bytes" in response.json()["reason"]
    assert world.blobs() == []


@pytest.mark.parametrize(
    ("path", "reason"), [("nobody/default", "Tenant does not exist"), ("public/none", "Namespace does not exist")]
)
async def test_needs_tenant_and_namespace(world: Any, path: str, reason: str) -> None:
    response = await world.client.post(
        f"/admin/v3/functions/{path}/x", files={"functionConfig": json_part(), "data": ("x.py", b"1")}
    )
    assert (response.status_code, response.json()) == (400, {"reason": reason})


async def test_refuses_a_name_in_use_by_any_kind(world: Any) -> None:
    details = FunctionDetails(
        tenant="public", namespace="default", name="exclaim", componentType=FunctionDetails.ComponentType.SINK
    )
    await world.functions.write(FunctionMetaData(functionDetails=details))
    response = await world.register()
    assert (response.status_code, response.json()) == (400, {"reason": "Function exclaim already exists"})


async def test_admission(world: Any) -> None:
    world.instances.refusal = AdmissionError("the thread runtime runs Python only")
    response = await world.register()
    assert response.status_code == 400
    assert response.json() == {"reason": "Function exclaim cannot be admitted:- the thread runtime runs Python only"}
    assert world.blobs() == []


async def test_of_two_simultaneous_registrations_exactly_one_wins(world: Any) -> None:
    responses = await asyncio.gather(*(world.register(code=f"version = {n}".encode()) for n in range(8)))
    assert sorted(response.status_code for response in responses) == [204] + [400] * 7
    reasons = {response.json()["reason"] for response in responses if response.status_code == 400}
    assert reasons == {"Function exclaim already exists"}
    assert [digest in world.stored().packageLocation.packagePath for digest in world.blobs()] == [True]


async def test_the_losers_package_stays_when_the_winner_has_the_same(world: Any) -> None:
    await asyncio.gather(*(world.register() for _ in range(8)))
    assert len(world.blobs()) == 1


@pytest.mark.parametrize(
    ("failure", "status"),
    [(LeaderNotReadyError("none"), 503), (PulsemillError("no"), 400), (BrokerError("no broker"), 500)],
)
async def test_a_failed_write_leaves_nothing(world: Any, failure: Exception, status: int) -> None:
    world.functions.failure = failure
    assert (await world.register()).status_code == status
    assert world.blobs() == []


async def test_redirects_to_the_leader_and_leaves_nothing(world: Any) -> None:
    world.functions.failure = OwnedElsewhereError(WorkerInfo("w2", "host-2", 6751))
    response = await world.register()
    assert (response.status_code, response.content) == (307, b"")
    assert response.headers["location"] == f"http://host-2:6751{world.url}"
    assert world.blobs() == []


async def test_fields_without_effect_are_told_once(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    _tell_once.cache_clear()
    for name in ("a", "b"):
        await world.register(name, maxPendingAsyncRequests=5)
    assert caplog.text.count("functionConfig.maxPendingAsyncRequests is accepted without effect") == 1


async def test_a_parallelism_above_the_maximum_is_refused(world: Any) -> None:
    reason = "Function parallelism must be at most 1000 (pulsemill.maxParallelism of the worker), not {}"
    response = await world.register(parallelism=2_000_000_000)
    assert (response.status_code, response.json()) == (400, {"reason": reason.format(2_000_000_000)})
    assert (await world.register(parallelism=1000)).status_code == 204
    response = await world.update(parallelism=1001)
    assert (response.status_code, response.json()) == (400, {"reason": reason.format(1001)})


async def test_a_write_in_doubt_keeps_the_package(world: Any) -> None:
    world.functions.failure = MetadataWriteError("Internal Error updating function at the leader: timeout")
    response = await world.register()
    assert response.status_code == 500
    assert response.json() == {"reason": "Internal Error updating function at the leader: timeout"}
    assert len(world.blobs()) == 1


async def test_an_unforeseen_failure_keeps_the_package_and_its_details_for_the_log(
    world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    world.functions.failure = OSError("secret detail")
    response = await world.register()
    assert (response.status_code, response.json()) == (500, {"reason": "Request failed. The worker's log says why."})
    assert "OSError: secret detail" in caplog.text
    assert len(world.blobs()) == 1, "the metadata may have been written; the next start's sweep decides"


async def test_registers_from_an_allowed_file_url(world: Any, tmp_path: Path) -> None:
    (tmp_path / "functions" / "x.py").write_text("1")
    url = f"file://{tmp_path}/functions/x.py"
    parts = {"functionConfig": json_part(), "url": (None, url)}
    assert (await world.client.post(world.url, files=parts)).status_code == 204
    assert world.stored().packageLocation.packagePath == url
    assert world.blobs() == []


async def test_a_java_function_gets_its_types_from_its_class(world: Any, java: Any) -> None:
    code = java.function("org.acme.Exclaim", "Ljava/lang/String;", "Lorg/apache/pulsar/functions/api/Record<[B>;")
    response = await world.register(runtime="JAVA", className=None, code=code)
    assert (response.status_code, response.text) == (204, "")
    details = world.stored().functionDetails
    found = (details.className, details.source.typeClassName, details.sink.typeClassName)
    assert found == ("org.acme.Exclaim", "java.lang.String", "[B")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"className": "a.B"}, "Function class a.B must be in class path"),
        (
            {"windowConfig": {"windowLengthCount": 1}},
            "Function class org.acme.F handles single messages; remove windowConfig",
        ),
        (
            {"inputSpecs": {"in": {"serdeClassName": "a.B"}}},
            "The input serialization/deserialization class a.B does not exist",
        ),
        ({"inputSpecs": {"in": {"schemaType": "a.B"}}}, "The schema class a.B does not exist"),
        ({"outputSchemaType": "a.B"}, "The schema class a.B does not exist"),
        (
            {"inputSpecs": {"in": {"cryptoConfig": {"cryptoKeyReaderClassName": "a.B"}}}},
            "The crypto key reader class a.B does not exist",
        ),
    ],
)
async def test_a_java_functions_classes(world: Any, java: Any, config: dict[str, Any], reason: str) -> None:
    code = java.function("org.acme.F", "Ljava/lang/String;", "Ljava/lang/String;")
    response = await world.register(**{"runtime": "JAVA", "className": "org.acme.F", "code": code, **config})
    assert (response.status_code, response.json()["reason"]) == (400, reason)


async def test_a_java_package_is_an_archive(world: Any) -> None:
    response = await world.register(runtime="JAVA", className="org.acme.F", code=b"no jar at all")
    reason = "exclaim.py: not a usable zip archive: File is not a zip file"
    assert (response.status_code, response.json()["reason"]) == (400, reason)


async def test_a_builtin_function(world: Any, java: Any) -> None:
    folder = world.ports.builtins.functions.directory
    (folder / "acme.nar").write_bytes(java.function("org.acme.F", "Ljava/lang/String;", "[B"))
    assert (await world.client.post("/admin/v3/functions/builtins/reload")).status_code == 204
    definition = {"name": "acme-function", "description": "Of Acme", "functionClass": "org.acme.F"}
    assert (await world.client.get("/admin/v3/functions/builtins")).json() == [definition]
    response = await world.register(runtime=None, className=None, jar="builtin://acme-function")
    assert (response.status_code, response.text) == (204, "")
    assert world.stored().packageLocation.packagePath == "builtin://acme-function"
    assert world.stored().functionDetails.builtin == "acme-function"
    assert (await world.update(parallelism=2)).status_code == 204
    assert world.stored().functionDetails.className == "org.acme.F"


@pytest.mark.parametrize(
    ("boundary", "content", "reason"),
    [
        (b"b" * 10_000, b"", "not a well-formed multipart form"),
        (b"b", b"no boundary", "not a well-formed multipart form"),
        (b"b", b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n' * 30 + b"--b--", "more than 20 parts"),
        (b"b", b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"1" * 2**21, "larger than 1048576 bytes"),
    ],
)
async def test_hostile_forms(world: Any, boundary: bytes, content: bytes, reason: str) -> None:
    headers = {"Content-Type": b"multipart/form-data; boundary=" + boundary}
    response = await world.client.post(world.url, content=content, headers=headers)
    assert response.status_code in {400, 413}
    assert reason in response.json()["reason"]


async def test_file_names_in_any_script(world: Any) -> None:
    parts = {"functionConfig": json_part(), "data": ("函数.py", b"1")}
    assert (await world.client.post(world.url, files=parts)).status_code == 204
    assert world.stored().packageLocation.originalFileName == "函数.py"
