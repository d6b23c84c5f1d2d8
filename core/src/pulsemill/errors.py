"""The errors a user may see: each carries a whole sentence that says what, where and what to do."""


class PulsemillError(Exception):
    """A user's mistake or a failed dependency; shown as its message, never as a traceback."""


class PluginError(PulsemillError):
    """A plugin is missing, ambiguous, broken or of the wrong kind."""


class ConfigurationError(PulsemillError):
    """The configuration cannot be used as it is."""


class AdmissionError(PulsemillError):
    """A runtime or a secrets configurator refuses a function before it is stored."""


class PackageError(PulsemillError):
    """A function's package is missing, refused or damaged."""


class MetadataOutOfDateError(PulsemillError):
    """Someone else wrote the function's metadata first (upstream answers 400)."""


class LeaderNotReadyError(PulsemillError):
    """No leader can take the request yet (upstream answers 503): its words, and the reason where it is known."""

    def __init__(self, trouble: str = "") -> None:
        super().__init__("Leader not yet ready. Please retry again" + (f": {trouble}" if trouble else ""))


class MetadataWriteError(PulsemillError):
    """The broker did not confirm a change of metadata, which may or may not be stored (upstream answers 500)."""


class BrokerError(PulsemillError):
    """The broker does not answer a question, or not this worker (upstream answers 500)."""


class InstanceNotFoundError(PulsemillError):
    """No such instance is assigned to a worker."""
