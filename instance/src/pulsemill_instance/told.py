"""Texts of others on their way to people: they may be of any length, and hold half characters that UTF-8 has not."""

from typing import Final

TEXT_BYTES: Final = 2**16
"""Of a traceback, or of why an instance ended: ten of each kind go into one answer, of which gRPC takes 4 MiB."""
MESSAGE_BYTES: Final = 2**10
"""Of what should be one line."""


def told(text: str, most_bytes: int = TEXT_BYTES) -> str:
    r"""The text as UTF-8 can have it, a half character as `\ud83d`; of one that is too long, its head and its tail."""
    encoded = text.encode(errors="backslashreplace")
    if len(encoded) <= most_bytes:
        return encoded.decode()
    gap = f" [... {len(encoded)} bytes in all ...] ".encode()
    half = (most_bytes - len(gap)) // 2
    return (encoded[:half] + gap + encoded[-half:]).decode(errors="ignore")
