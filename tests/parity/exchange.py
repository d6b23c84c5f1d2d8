"""One request to both workers, and what of an answer counts."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

import attrs
import httpx2

from tests.parity.masking import mask

HEADERS = ("content-type", "allow", "location")
TIMEOUT_SECONDS = 60
UNTIL_SECONDS = 60
Part = tuple[str | None, str | bytes, str | None]
"""File name, content and content type of a part of a form."""
_WORKER_ID = re.compile(r"\b(java|pulsemill)-\d+\b")


@attrs.frozen
class Question:
    """A request. `parts` make it multipart.

    With `until` it is asked again until the answer holds that text.
    """

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = attrs.field(factory=dict)
    parts: Mapping[str, Part] = attrs.field(factory=dict)
    until: str = ""


@attrs.frozen
class Answer:
    """Status, the headers that count and the body, with all masked that differs from run to run."""

    status: int
    headers: dict[str, str]
    body: Any


@attrs.frozen
class Peer:
    """A worker under test, and the namespace of its own that its functions are in."""

    http: httpx2.Client
    tenant: str
    namespace: str

    def ask(self, question: Question) -> Answer:
        """Send a question, with `{tenant}` and `{namespace}` in it filled in."""
        deadline = time.monotonic() + UNTIL_SECONDS
        while question.until not in (response := self._send(question)).text and time.monotonic() < deadline:
            time.sleep(0.2)
        headers = {name: self._masked(response.headers[name]) for name in HEADERS if name in response.headers}
        return Answer(response.status_code, headers, mask(_body(self._masked(response.text))))

    def _send(self, question: Question) -> httpx2.Response:
        fill = self._filled
        parts = [
            (name, (file, content, kind) if kind else (file, content))
            for name, (file, given, kind) in question.parts.items()
            for content in [fill(given) if isinstance(given, str) else given]
        ]
        url, headers = fill(question.path), dict(question.headers)
        return self.http.request(question.method, url, headers=headers, files=parts or None, timeout=TIMEOUT_SECONDS)

    def _filled(self, text: str) -> str:
        return text.replace("{tenant}", self.tenant).replace("{namespace}", self.namespace)

    def _masked(self, text: str) -> str:
        text = text.replace(str(self.http.base_url), "<worker>/").replace(self.namespace, "<namespace>")
        return _WORKER_ID.sub("<worker>", text)


def _body(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
