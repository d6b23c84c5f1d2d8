"""Why an instance cannot start: one sentence for its operator, logged and printed as the last line on stderr."""

from pulsemill_instance.errors import InstanceError


class StartupError(InstanceError):
    """The instance cannot start; the message says what was wrong, where and what was expected."""


class ArgumentsError(StartupError):
    """The command line or its --config_file cannot be used."""


class PackageLoadError(StartupError):
    """The function's package is missing, refused, damaged or lacks what it should hold."""


class UserCodeError(StartupError):
    """The package is sound, but its module, class or constructor is not."""
