"""What all tests share."""

from hypothesis import settings

# A slow moment of a shared machine is no finding.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
