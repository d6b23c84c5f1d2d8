"""The function of a run, as the text of its module, and the journal of its calls."""

from pathlib import Path

import attrs

from bench.model.plan import Plan

_SOURCE = """
import asyncio, glob, os, time

class Fn:
    def initialize(self, context):
        config = context.get_user_config_map()
        self.failing = {int(number): times for number, times in config["failing"].items()}
        self.nothing, self.unacknowledged = set(config["nothing"]), set(config["unacknowledged"])
        self.manual, self.journals = config["manual"], os.path.dirname(config["journal"]) + "/journal-*"
        self.journal = os.open(config["journal"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def calls_so_far(self, number):
        lines = [line for path in glob.glob(self.journals) for line in open(path)]
        return sum(line.endswith(f" {number}\\n") for line in lines)

    %(async)sdef process(self, given, context):
        numbers = given if isinstance(given, list) else [given]
        os.write(self.journal, b"".join(b"%%.6f %%d\\n" %% (time.time(), number) for number in numbers))
        %(sleep)s
        for number in numbers:
            if number in self.failing and self.calls_so_far(number) <= self.failing[number]:
                raise ValueError(f"{number} fails")
        if self.manual and given not in self.unacknowledged:
            context.ack(context.get_message_id(), context.get_current_message_topic_name())
        results = [number for number in numbers if number not in self.nothing]
        return "+".join(map(str, results)) if results else None
"""


def function_source(plan: Plan) -> str:
    """The module's text."""
    seconds = plan.call_ms / 1000
    if plan.is_async:
        return _SOURCE % {"async": "async ", "sleep": f"await asyncio.sleep({seconds} * (numbers[0] % 3))"}
    return _SOURCE % {"async": "", "sleep": f"time.sleep({seconds})"}


@attrs.frozen
class Call:
    """When the function was called with a number; seconds since the epoch."""

    at: float
    number: int


def read_journals(folder: Path) -> list[Call]:
    """All calls so far, of all instances; a killed instance may have left an unfinished line."""
    lines = (line for path in folder.glob("journal-*") for line in path.read_text().splitlines(keepends=True))
    words = (line.split() for line in lines if line.endswith("\n"))
    return sorted((Call(float(at), int(number)) for at, number in words), key=lambda call: call.at)
