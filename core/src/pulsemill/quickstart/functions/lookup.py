"""Asks a slow service about each line, many lines at a time: an async function.

While one message waits for its answer, others are taken up, so that latency of the service does not limit throughput.
"""

import asyncio
import re
from typing import Any

WORD = re.compile(r"\w+")
SERVICE_SECONDS = 0.005


async def ask_service(word: str) -> int:
    """Stands for a call over the network: the answer takes a few milliseconds."""
    await asyncio.sleep(SERVICE_SECONDS)
    return len(word)


class Lookup:
    """A class whose `process` is a coroutine."""

    async def process(self, line: object, _context: Any) -> str:
        """A line gives its longest word and what the service says about it."""
        longest = max(WORD.findall(str(line)), key=len, default="")
        return f"{longest or '(no word)'}: {await ask_service(longest)} letters"
