"""Uploads by path and downloads."""

from pathlib import Path
from typing import Any

import pytest

CODE = b"def process(input):\n    return input + '!'\n"
DOWNLOAD = "/admin/v3/functions/download"
UPLOAD = "/admin/v3/functions/upload"


async def test_of_a_function(world: Any) -> None:
    await world.register()
    response = await world.client.get(f"{world.url}/download")
    assert (response.status_code, response.content) == (200, CODE)
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''exclaim.py"


async def test_by_package_path(world: Any) -> None:
    await world.register()
    path = world.stored().packageLocation.packagePath
    response = await world.client.get(DOWNLOAD, params={"path": path})
    assert (response.status_code, response.content) == (200, CODE)


async def test_what_no_function_uses_is_not_served(world: Any) -> None:
    await world.register()
    (digest,) = world.blobs()
    response = await world.client.get(DOWNLOAD, params={"path": f"other/tenant/guess/{digest}-exclaim.py"})
    assert response.status_code == 404


async def test_an_upload_by_its_path(world: Any) -> None:
    parts = {"path": (None, "public/default/../any where"), "data": ("tool.bin", b"payload")}
    response = await world.client.post(UPLOAD, files=parts)
    assert (response.status_code, response.content) == (204, b"")
    response = await world.client.get(DOWNLOAD, params={"path": "public/default/../any where"})
    assert (response.status_code, response.content) == (200, b"payload")


async def test_a_later_upload_replaces_an_earlier(world: Any) -> None:
    for content in (b"1", b"2"):
        await world.client.post(UPLOAD, files={"path": (None, "p"), "data": ("x", content)})
    assert (await world.client.get(DOWNLOAD, params={"path": "p"})).content == b"2"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"path": (None, "a/b")}, "Function Package is not provided a/b"),
        ({"data": ("x", b"1")}, "Function Package is not provided"),
    ],
)
async def test_upload_refuses(world: Any, parts: dict[str, Any], reason: str) -> None:
    response = await world.client.post(UPLOAD, files=parts)
    assert (response.status_code, response.json()) == (400, {"reason": reason})


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "builtin://x"])
async def test_unknown_paths(world: Any, path: str) -> None:
    response = await world.client.get(DOWNLOAD, params={"path": path})
    assert (response.status_code, response.json()) == (404, {"reason": f"No package is stored at {path}"})


async def test_download_needs_a_path(world: Any) -> None:
    assert (await world.client.get(DOWNLOAD)).status_code == 400


async def test_unknown_function(world: Any) -> None:
    response = await world.client.get(f"{world.url}/download")
    assert (response.status_code, response.json()) == (404, {"reason": "Function exclaim doesn't exist"})


async def test_a_function_without_transform(world: Any) -> None:
    await world.register()
    response = await world.client.get(f"{world.url}/download", params={"transform-function": "true"})
    assert response.status_code == 404


async def test_of_a_function_from_a_url_is_read_again(world: Any, tmp_path: Path) -> None:
    await world.register()
    (tmp_path / "functions" / "x.py").write_text("from url")
    world.stored().packageLocation.packagePath = f"file://{tmp_path}/functions/x.py"
    response = await world.client.get(f"{world.url}/download")
    assert (response.status_code, response.content) == (200, b"from url")


async def test_a_location_that_is_not_allowed_is_not_read(world: Any) -> None:
    await world.register()
    world.stored().packageLocation.packagePath = "file:///etc/passwd"
    response = await world.client.get(f"{world.url}/download")
    assert response.status_code == 400
    assert response.json() == {"reason": "Function Package url is not valid.supported url (http/https/file)"}
