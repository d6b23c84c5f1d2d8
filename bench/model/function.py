"""The function of a run, as the text of its module, and the journal of its calls."""

from pathlib import Path

import attrs

from bench.model.plan import Plan

_SOURCE = """
import asyncio, json, os, time

class Fn:
    def __init__(self):
        self.journal, self.tried = None, {}

    def open(self, config):
        self.failing = {int(number): times for number, times in config["failing"].items()}
        self.nothing, self.unacknowledged = set(config["nothing"]), set(config["unacknowledged"])
        self.manual = config["manual"]
        path = config["journal"]
        if os.path.exists(path):
            for line in open(path):
                self.count(int(line.split()[1]))
        self.journal = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def count(self, number):
        self.tried[number] = self.tried.get(number, 0) + 1

    %(async)sdef process(self, number, context):
        if self.journal is None:
            self.open(context.get_user_config_map())
        self.count(number)
        os.write(self.journal, b"%%.6f %%d\\n" %% (time.time(), number))
        %(sleep)s
        if self.tried[number] <= self.failing.get(number, 0):
            raise ValueError(f"attempt {self.tried[number]} of {number}")
        if self.manual and number not in self.unacknowledged:
            context.ack(context.get_message_id(), context.get_current_message_topic_name())
        return None if number in self.nothing else number
"""


def function_source(plan: Plan) -> str:
    """The module's text."""
    seconds = plan.call_ms / 1000
    if plan.is_async:
        return _SOURCE % {"async": "async ", "sleep": f"await asyncio.sleep({seconds} * (number % 3))"}
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
