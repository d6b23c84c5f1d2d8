"""Runs the command line against a worker that only records requests."""

from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from typing import Any

import attrs
import httpx2
import pytest
from click.testing import CliRunner, Result

from pulsemill.cli.main import main


@attrs.define
class FakeWorker:
    """Answers every request with the next of `answers` and keeps the requests."""

    answers: list[httpx2.Response]
    requests: list[httpx2.Request] = attrs.field(factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.requests.append(request)
        return self.answers.pop(0)

    @property
    def lines(self) -> list[str]:
        """The method and path of each request."""
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    @property
    def parts(self) -> dict[str, tuple[str, bytes]]:
        """The parts of the last request: content type and content by name."""
        request = self.requests[-1]
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + request.content)
        return dict(map(_part, message.get_payload()))


def _part(part: Any) -> tuple[str, tuple[str, bytes]]:
    assert isinstance(part, Message)
    content_type = part.get_content_type() if "Content-Type" in part else ""
    return str(part.get_param("name", header="Content-Disposition")), (content_type, part.get_payload(decode=True))


@pytest.fixture
def run() -> Callable[..., tuple[Result, FakeWorker]]:
    """Run `pulsemill ARGUMENTS` against a worker with the given answers."""

    def run(*arguments: str, answers: list[httpx2.Response] | None = None, **options: Any) -> tuple[Result, FakeWorker]:
        worker = FakeWorker([httpx2.Response(204)] if answers is None else answers)
        result = CliRunner().invoke(main, arguments, obj=httpx2.MockTransport(worker), **options)
        return result, worker

    return run
