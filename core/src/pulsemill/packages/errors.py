"""What can be wrong with a package."""

from pulsemill.errors import PackageError


class PackageTooLargeError(PackageError):
    """A package is over the worker's limit (answered with 413)."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"The package is larger than this worker takes, {max_bytes} bytes; make it smaller or raise the limit"
        )


class PackageStorageError(PackageError):
    """The package storage, or the worker's disk, does not take or give a package now (answered with 500)."""


class PackageMissingError(PackageError):
    """A package is not, or no longer, where its function's metadata says."""

    def __init__(self, path: str, where: str) -> None:
        super().__init__(f"The package {path!r} is not in {where}; register the function again")


class PackageUrlRefusedError(PackageError):
    """A package URL is malformed or not on the allow-list; `why` is for the log, the text is upstream's."""

    def __init__(self, why: str) -> None:
        super().__init__("Function Package url is not valid.supported url (http/https/file)")
        self.why = why
