"""Counts words: answers each line with how often each of its words was seen so far.

A class keeps what it needs between messages in its attributes. Each instance counts for itself.
"""

import re
from collections import Counter
from typing import Any

WORD = re.compile(r"\w+")


class WordCount:
    """Class form: made once per instance, then `process` for each message."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def process(self, line: object, context: Any) -> str:
        """A line such as "to be or not to be" gives "to=2 be=2 or=1 not=1"."""
        words = WORD.findall(str(line).lower())
        self.counts.update(words)
        context.record_metric("words", len(words))
        return " ".join(f"{word}={self.counts[word]}" for word in dict.fromkeys(words))
