"""What ends an instance; each message is a whole sentence for the person who runs the function."""


class InstanceError(Exception):
    """An instance cannot start or go on; shown as its message, never as a traceback."""


class InstanceFatalError(InstanceError):
    """The reason why a started instance ended by itself; its process exits with a status other than 0."""
