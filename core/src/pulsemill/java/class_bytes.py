"""Reads the big-endian fields of a class file, never beyond its end."""

import attrs

from pulsemill.java.errors import MalformedClassError


@attrs.define
class ClassBytes:
    """A class file's content and how far it was read."""

    content: bytes = attrs.field(repr=False)
    position: int = 0

    def u1(self) -> int:
        """The next byte."""
        return self._number(1)

    def u2(self) -> int:
        """The next two bytes as a number."""
        return self._number(2)

    def u4(self) -> int:
        """The next four bytes as a number."""
        return self._number(4)

    def take(self, count: int) -> bytes:
        """The next bytes; raises MalformedClassError when there are fewer."""
        end = self.position + count
        if end > len(self.content):
            raise MalformedClassError("a class file ends before its last field")
        taken = self.content[self.position : end]
        self.position = end
        return taken

    def _number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")
