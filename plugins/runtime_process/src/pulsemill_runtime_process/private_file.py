"""A file that only one child process can read and that leaves nothing behind, whichever way anybody dies."""

import os
import tempfile


class PrivateFile:
    """Content in an open descriptor without a name in any folder. Pass `descriptor` on to the child, then close.

    The child opens `path`. It has to be a descriptor of the same number there, as subprocess keeps it.
    """

    def __init__(self, content: bytes) -> None:
        self.descriptor = _nameless_file()
        with os.fdopen(os.dup(self.descriptor), "wb") as file:
            file.write(content)
        os.lseek(self.descriptor, 0, os.SEEK_SET)

    @property
    def path(self) -> str:
        """The file's path in this process and in the child."""
        return f"/dev/fd/{self.descriptor}"

    def close(self) -> None:
        """Forget the content, once the child was started."""
        os.close(self.descriptor)


def _nameless_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("pulsemill")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
