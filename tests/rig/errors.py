"""What goes wrong in the rig."""


class RigError(Exception):
    """A server or a download failed; the message says which, and shows the end of its log."""


class MissingPrerequisiteError(RigError):
    """A program that the rig needs is not installed."""
