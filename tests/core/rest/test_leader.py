"""Metadata that another worker hands to the leader."""

from typing import Any

from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

PATH = "/admin/v3/functions/leader/public/default/exclaim"


def metadata(name: str = "exclaim", version: int = 0) -> bytes:
    details = {"tenant": "public", "namespace": "default", "name": name}
    return FunctionMetaData(functionDetails=details, version=version).SerializeToString()


async def put(world: Any, content: bytes, delete: str = "false") -> Any:
    parts = {"functionMetaData": (None, content, "application/octet-stream"), "delete": (None, delete)}
    return await world.client.put(PATH, files=parts)


async def test_update_and_delete(world: Any) -> None:
    assert (await put(world, metadata())).status_code == 204
    assert world.stored().version == 0
    assert (await put(world, metadata(version=1), delete="true")).status_code == 204
    assert world.functions.by_name == {}


async def test_out_of_date(world: Any) -> None:
    await put(world, metadata())
    for delete, kind in (("false", "Update"), ("true", "Delete")):
        response = await put(world, metadata(), delete)
        reason = f"{kind} request ignored because it is out of date. Please try again."
        assert (response.status_code, response.json()) == (400, {"reason": reason})


async def test_corrupt(world: Any) -> None:
    for content in (b"\xff\xff", b"", metadata("other")):
        response = await put(world, content)
        assert (response.status_code, response.json()) == (400, {"reason": "Corrupt Function MetaData"})


async def test_redirects_to_the_leader(world: Any) -> None:
    world.functions.failure = OwnedElsewhereError(WorkerInfo("w2", "host-2", 6751))
    response = await put(world, metadata())
    assert (response.status_code, response.headers["location"]) == (307, f"http://host-2:6751{PATH}")
