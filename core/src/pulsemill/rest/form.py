"""The parts of a multipart request."""

import attrs

from pulsemill.packages.upload import Upload
from pulsemill.rest.errors import RestError


@attrs.define
class Part:
    """One part of a form: text in `content`, or a package in `upload`."""

    name: str
    content_type: str
    content: bytearray = attrs.field(factory=bytearray, repr=False)
    upload: Upload | None = None


@attrs.frozen
class Form:
    """The parts of a request by name; of several with one name the last."""

    parts: dict[str, Part]

    def text(self, name: str) -> str | None:
        """A part's text, None when it is missing or blank; 400 when it is not UTF-8."""
        part = self.parts.get(name)
        if part is None:
            return None
        try:
            return part.content.decode().strip() or None
        except UnicodeDecodeError as error:
            raise RestError(400, f"The part {name} is not UTF-8 text") from error

    def json(self, name: str) -> bytes | None:
        """A part's bytes if it is application/json; upstream takes any other type for a missing part."""
        part = self.parts.get(name)
        if part is None or part.content_type != "application/json":
            return None
        return bytes(part.content).strip() or None

    def upload(self, name: str) -> Upload | None:
        """A part that came as a file."""
        part = self.parts.get(name)
        return part.upload if part else None
