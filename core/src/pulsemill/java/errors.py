"""What can be wrong with a Java package."""

from pulsemill.errors import PackageError


class MalformedClassError(PackageError):
    """Bytes that claim to be a class file or a signature and are none."""
