"""PUT of functions: what changes, what may not, and what happens to packages."""

import json
from typing import Any

import pytest

from pulsemill.errors import MetadataOutOfDateError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, FunctionState


async def test_changes_the_configuration_and_keeps_the_rest(world: Any) -> None:
    await world.register()
    world.stored().instanceStates[0] = FunctionState.STOPPED
    before = FunctionMetaData.FromString(world.stored().SerializeToString())
    assert (await world.update(parallelism=3)).status_code == 204
    after = world.stored()
    assert (after.version, after.functionDetails.parallelism) == (1, 3)
    assert after.createTime == before.createTime
    assert after.packageLocation == before.packageLocation
    assert dict(after.instanceStates) == {0: FunctionState.STOPPED}


async def test_new_code_replaces_the_old_package(world: Any) -> None:
    await world.register()
    (old,) = world.blobs()
    assert (await world.update(code=b"new = True")).status_code == 204
    (new,) = world.blobs()
    assert new != old
    assert new in world.stored().packageLocation.packagePath


async def test_a_package_that_another_function_uses_stays(world: Any) -> None:
    await world.register("a")
    await world.register("b")
    await world.update("a", code=b"new = True")
    assert len(world.blobs()) == 2


async def test_a_failed_update_keeps_the_old_package_and_drops_the_new(world: Any) -> None:
    await world.register()
    old = world.blobs()
    world.functions.failure = MetadataOutOfDateError("late")
    response = await world.update(code=b"new = True")
    reason = "Update request ignored because it is out of date. Please try again."
    assert (response.status_code, response.json()) == (400, {"reason": reason})
    assert world.blobs() == old


async def test_the_same_code_again_is_kept(world: Any) -> None:
    await world.register(code=b"same")
    old = world.blobs()
    assert (await world.update(code=b"same")).status_code == 204
    assert world.blobs() == old


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "Update contains no change"),
        ({"parallelism": 1}, "Update contains no change"),
        ({"runtime": "GO"}, "Runtime cannot be altered"),
        ({"inputs": ["other"]}, "Input Topics cannot be altered"),
        ({"parallelism": 0}, "Function parallelism must be a positive number"),
    ],
)
async def test_refuses(world: Any, config: dict[str, Any], reason: str) -> None:
    await world.register()
    response = await world.update(**config)
    assert (response.status_code, response.json()) == (400, {"reason": reason})
    assert world.stored().version == 0


async def test_an_unknown_function_is_a_bad_request(world: Any) -> None:
    response = await world.update(parallelism=2)
    assert (response.status_code, response.json()) == (400, {"reason": "Function exclaim doesn't exist"})


async def test_a_sink_is_not_found(world: Any) -> None:
    kind = FunctionDetails.ComponentType.SINK
    details = FunctionDetails(tenant="public", namespace="default", name="exclaim", componentType=kind)
    await world.functions.write(FunctionMetaData(functionDetails=details))
    assert (await world.update(parallelism=2)).status_code == 404


async def test_needs_a_configuration(world: Any) -> None:
    await world.register()
    response = await world.client.put(world.url, files={"data": ("x.py", b"1")})
    assert (response.status_code, response.json()) == (400, {"reason": "Function config is not provided"})


async def test_an_update_that_asks_for_new_credentials_alone_is_a_change(world: Any) -> None:
    await world.register()
    parts = {
        "functionConfig": (None, "{}", "application/json"),
        "updateOptions": (None, json.dumps({"updateAuthData": True}), "application/json"),
    }
    assert (await world.client.put(world.url, files=parts)).status_code == 204


async def test_refuses_unknown_update_options(world: Any) -> None:
    await world.register()
    parts = {
        "functionConfig": (None, '{"parallelism": 2}', "application/json"),
        "updateOptions": (None, '{"updateAuth": true}', "application/json"),
    }
    response = await world.client.put(world.url, files=parts)
    assert (response.status_code, "updateAuthData" in response.json()["reason"]) == (400, True)


async def test_config_only_update_of_a_function_from_a_url(world: Any) -> None:
    await world.register()
    world.stored().packageLocation.packagePath = "https://gone.example/x.py"
    assert (await world.update(parallelism=2)).status_code == 204
    assert world.stored().packageLocation.packagePath == "https://gone.example/x.py"


async def test_logs_fields_that_keep_their_value(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    await world.register()
    await world.update(parallelism=2, subscriptionPosition="Earliest")
    assert "does not change ['subscriptionPosition']" in caplog.text


async def test_code_cannot_become_a_builtin_that_is_not_there(world: Any, java: Any) -> None:
    await world.register(runtime="JAVA", className="org.acme.F", code=java.function("org.acme.F", "[B", "[B"))
    response = await world.update(jar="builtin://echo")
    assert (response.status_code, response.json()) == (400, {"reason": "No Function echo found"})


async def test_a_builtin_of_another_worker_keeps_its_code(world: Any) -> None:
    await world.register()
    world.stored().functionDetails.builtin = "echo"
    world.stored().functionDetails.runtime = FunctionDetails.Runtime.JAVA
    world.stored().packageLocation.packagePath = "builtin://echo"
    assert (await world.update(parallelism=2)).status_code == 204
    assert world.stored().functionDetails.builtin == "echo"
    assert world.stored().packageLocation.packagePath == "builtin://echo"


async def test_a_function_that_was_deleted_meanwhile_does_not_come_back(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.register()

    def delete_meanwhile(_: FunctionDetails) -> None:
        world.functions.by_name.clear()

    monkeypatch.setattr(world.instances, "do_admission_checks", delete_meanwhile)
    response = await world.update(parallelism=2)
    reason = "Update request ignored because it is out of date. Please try again."
    assert (response.status_code, response.json()) == (400, {"reason": reason})
    assert world.functions.by_name == {}


async def test_a_function_that_was_deleted_and_created_again_meanwhile_keeps_its_successor(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.register()

    def replace_meanwhile(_: FunctionDetails) -> None:
        world.stored().createTime += 1

    monkeypatch.setattr(world.instances, "do_admission_checks", replace_meanwhile)
    assert (await world.update(parallelism=2)).status_code == 400
    assert (world.stored().version, world.stored().functionDetails.parallelism) == (0, 1)


async def test_a_transform_functions_package_is_in_use(world: Any) -> None:
    await world.register("a")
    await world.register("b", code=b"other")
    path = world.stored("a").packageLocation.packagePath
    world.stored("b").transformFunctionPackageLocation.packagePath = path
    await world.update("a", code=b"new")
    assert len(world.blobs()) == 3
