"""Forms whose bodies stand still."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from pulsemill.packages.store import PackageStore
from pulsemill.rest.errors import RestError, answer_error
from pulsemill.rest.multipart import read_form

HALF_A_FORM = b'--b\r\nContent-Disposition: form-data; name="data"; filename="x.py"\r\n\r\nhalf'


def begun(folder: Path) -> int:
    return len(list((folder / "incoming").iterdir()))


def request_that_stops(folder: Path) -> Request:
    chunks = [{"type": "http.request", "body": HALF_A_FORM, "more_body": True}]

    async def receive() -> dict[str, Any]:
        if not chunks:
            assert begun(folder) == 1
            await asyncio.Event().wait()
        return chunks.pop()

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


async def test_a_body_that_stands_still_is_given_up_and_its_file_removed(tmp_path: Path) -> None:
    store = PackageStore(tmp_path, max_bytes=1000)
    request = request_that_stops(tmp_path)
    with pytest.raises(RestError, match="Nothing came of the request's body for 0 s") as error:
        async with asyncio.timeout(5), read_form(request, store, chunk_seconds=0):
            pass
    assert begun(tmp_path) == 0
    answer = answer_error(request, error.value)
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
