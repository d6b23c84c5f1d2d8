"""Reads multipart bodies as they arrive: small parts into memory, packages straight into the store's incoming folder.

Parts are named leniently (`name="functionConfig" `, with the Go client's stray blank, is functionConfig).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from pulsemill.packages.errors import PackageTooLargeError
from pulsemill.packages.store import PackageStore
from pulsemill.packages.upload import Upload
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form, Part

MAX_PART_BYTES = 2**20
MAX_PARTS = 20

CHUNK_SECONDS = 60.0
"""How long a body may stand still: the file of a client that vanished would stay until the next start."""

BODY_STARTED = "body_started"
"""The request's state has this once its body is being read: until then a careful client has not sent it."""

FILE_PARTS = ("data", "dataStream")


@asynccontextmanager
async def read_form(
    request: Request, packages: PackageStore, chunk_seconds: float = CHUNK_SECONDS
) -> AsyncIterator[Form]:
    """The request's form; what it uploaded is gone afterwards unless it was put into the store.

    Uploads are complete but not yet checked (`Upload.finish`). Raises RestError for a body that is no form
    or stands still, PackageTooLargeError for a package over the limit.
    """
    receiver = _Receiver(packages, _boundary(request))
    _refuse_declared_size(request, packages.max_bytes)
    setattr(request.state, BODY_STARTED, True)
    try:
        await receiver.receive(_chunks(request, chunk_seconds))
        yield Form(receiver.parts)
    finally:
        await receiver.discard()


def _boundary(request: Request) -> bytes:
    content_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if content_type != b"multipart/form-data" or not boundary:
        status = 400 if content_type in {b"", b"multipart/form-data"} else 415
        raise RestError(status, "The request must be multipart/form-data")
    return boundary


def _refuse_declared_size(request: Request, max_bytes: int) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes + MAX_PARTS * MAX_PART_BYTES:
        raise PackageTooLargeError(max_bytes)


async def _chunks(request: Request, seconds: float) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(stream, None)
        except TimeoutError as error:
            why = f"Nothing came of the request's body for {seconds:g} s; send it again"
            raise RestError(408, why, {"Connection": "close"}) from error
        if chunk is None:
            return
        yield chunk


class _Receiver:
    """Collects the parts of one request. The parser calls the `_on_` methods; they only note, `receive` writes."""

    def __init__(self, packages: PackageStore, boundary: bytes) -> None:
        self.parts: dict[str, Part] = {}
        self._packages = packages
        self._uploads: list[Upload] = []
        self._headers: dict[str, str] = {}
        self._field, self._value = b"", b""
        self._part: Part | None = None
        self._pending: list[tuple[Upload, bytes]] = []
        self._is_complete = False
        callbacks = {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_end": self._on_end,
        }
        self._callbacks = callbacks
        self._boundary = boundary
        self._count = 0

    async def receive(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            parser = MultipartParser(self._boundary, self._callbacks)  # type: ignore[arg-type]
            async for chunk in chunks:
                parser.write(chunk)
                for upload, data in self._pending:
                    await upload.write(data)
                self._pending.clear()
        except FormParserError as error:
            raise RestError(400, f"The request is not a well-formed multipart form: {error}") from error
        if not self._is_complete:
            raise RestError(400, "The multipart form ends before its last boundary")

    async def discard(self) -> None:
        for upload in self._uploads:
            await upload.discard()

    def _on_part_begin(self) -> None:
        self._headers = {}
        self._count += 1
        if self._count > MAX_PARTS:
            raise RestError(400, f"The form has more than {MAX_PARTS} parts")

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._field.decode("latin-1").lower()] = self._value.decode("latin-1")  # as the parser wants it
        self._field, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", "").strip())
        name = options.get(b"name", b"").decode(errors="replace").strip()
        content_type, _ = parse_options_header(self._headers.get("content-type", ""))
        self._part = self.parts[name] = Part(name, content_type.decode("latin-1").lower())
        if name in FILE_PARTS and b"filename" in options:
            self._part.upload = self._packages.begin(options[b"filename"].decode(errors="replace"))
            self._uploads.append(self._part.upload)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part is None:
            return
        if part.upload is not None:
            self._pending.append((part.upload, data[start:end]))
        elif len(part.content) + end - start > MAX_PART_BYTES:
            raise RestError(413, f"The part {part.name} is larger than {MAX_PART_BYTES} bytes")
        else:
            part.content += data[start:end]

    def _on_end(self) -> None:
        self._is_complete = True
