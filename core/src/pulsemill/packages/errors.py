"""What can be wrong with a package."""

from pulsemill.errors import PackageError


class PackageTooLargeError(PackageError):
    """A package is over the worker's limit (answered with 413)."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"The package is larger than this worker takes, {max_bytes} bytes; make it smaller or raise the limit"
        )


class PackageStorageError(PackageError):
    """The worker's disk does not take a package (answered with 500)."""


class PackageUrlRefusedError(PackageError):
    """A package URL is malformed or not on the allow-list; `why` is for the log, the text is upstream's."""

    def __init__(self, why: str) -> None:
        super().__init__("Function Package url is not valid.supported url (http/https/file)")
        self.why = why
