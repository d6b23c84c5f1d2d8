"""DELETE of functions."""

from typing import Any

from pulsemill.errors import MetadataOutOfDateError


async def test_deletes_function_and_package(world: Any) -> None:
    await world.register()
    response = await world.client.delete(world.url)
    assert (response.status_code, response.content) == (204, b"")
    assert world.functions.by_name == {}
    assert world.blobs() == []


async def test_a_shared_package_stays_until_its_last_function_goes(world: Any) -> None:
    await world.register("a")
    await world.register("b")
    await world.client.delete("/admin/v3/functions/public/default/a")
    assert len(world.blobs()) == 1
    await world.client.delete("/admin/v3/functions/public/default/b")
    assert world.blobs() == []


async def test_of_an_unknown_function(world: Any) -> None:
    response = await world.client.delete(world.url)
    assert (response.status_code, response.json()) == (404, {"reason": "Function exclaim doesn't exist"})


async def test_out_of_date(world: Any) -> None:
    await world.register()
    world.functions.failure = MetadataOutOfDateError("late")
    response = await world.client.delete(world.url)
    reason = "Delete request ignored because it is out of date. Please try again."
    assert (response.status_code, response.json()) == (400, {"reason": reason})
    assert len(world.blobs()) == 1
