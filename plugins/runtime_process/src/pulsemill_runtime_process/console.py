"""What an instance writes to its standard streams, beside its own log.

Upstream lets instances write into the worker's streams and so never knows their last words. Here the event loop reads
both streams through pipes, as fast as `BYTES_PER_SECOND` (an instance that writes faster waits), keeps the end of
stderr, and appends both to one file per instance that is rotated and so bounded; the file work is done in threads.
"""

import asyncio
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

CHUNK = 64 * 1024
BYTES_PER_SECOND = 8 * 1024 * 1024
FILE_BYTES = 4 * 1024 * 1024
TAIL_BYTES = 8 * 1024
LAST_LINES = 10

logger = logging.getLogger(__name__)


class Tail:
    """The end of a stream."""

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, chunk: bytes) -> None:
        """Append, forgetting the oldest."""
        self._bytes = (self._bytes + chunk)[-TAIL_BYTES:]

    def last_words(self) -> str:
        """The last lines that say something; empty when there are none."""
        text = self._bytes.decode(errors="replace").replace("\0", "")
        return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()][-LAST_LINES:])


class ConsoleFile:
    """A file that holds the latest output, and one older beside it."""

    def __init__(self, path: Path) -> None:
        self._handler = RotatingFileHandler(
            path, maxBytes=FILE_BYTES, backupCount=1, delay=True, encoding="utf-8", errors="replace"
        )
        self._handler.terminator = ""

    def append(self, chunk: bytes) -> None:
        """Write; a full disk or a lost folder is reported by logging, and harms nobody."""
        self._handler.handle(logging.makeLogRecord({"msg": chunk.decode(errors="replace")}))

    def close(self) -> None:
        """Close the file."""
        self._handler.close()


class OutputPipe:
    """A pipe whose write end becomes a child's standard stream."""

    def __init__(self, reader: asyncio.StreamReader, transport: asyncio.BaseTransport, write_descriptor: int) -> None:
        self._reader = reader
        self._transport = transport
        self.write_descriptor = write_descriptor

    @classmethod
    async def open(cls) -> "OutputPipe":
        """Open one on the running loop."""
        read, write = os.pipe()
        reader = asyncio.StreamReader(limit=CHUNK)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb", 0)
        )
        return cls(reader, transport, write)

    def close_write_end(self) -> None:
        """Leave the write end to the child alone."""
        os.close(self.write_descriptor)

    async def drain(self, file: ConsoleFile, tail: Tail) -> None:
        """Read until everybody closed the write end."""
        while chunk := await self._reader.read(CHUNK):
            tail.feed(chunk)
            await asyncio.to_thread(file.append, chunk)
            await asyncio.sleep(len(chunk) / BYTES_PER_SECOND)

    def close(self) -> None:
        """Stop reading."""
        self._transport.close()
