"""The table's rows and the commands to try next."""

import shlex

from click import Command, Context, Group

from pulsemill.admin.connection import AdminConnection
from pulsemill.cli.main import main
from pulsemill.quickstart.catalog import EXAMPLES, Registration
from pulsemill.quickstart.measurements import Measurement
from pulsemill.quickstart.report import COLUMNS, next_commands, row
from pulsemill.quickstart.workers import Workers

WORKERS = Workers("pulsar://b:1", {"thread": AdminConnection("http://t:1"), "process": AdminConnection("http://p:1")})


def test_a_row_has_what_the_worker_counted_and_what_was_measured() -> None:
    measurement = Measurement()
    measurement.record(1, 1.0, 1.5)
    status = {"numReceived": 3, "numUserExceptions": 1, "numSystemExceptions": 1}

    cells = row(Registration(EXAMPLES[0], "thread"), status, measurement)

    assert dict(zip(COLUMNS, cells, strict=True)) == {
        "FUNCTION": "wordcount-thread",
        "RUNTIME": "thread",
        "IN": 3,
        "OUT": 1,
        "ERRORS": 2,
        "MESSAGES/S": 2,
        "P50 MS": 500.0,
        "P99 MS": 500.0,
    }


def test_the_commands_to_try_exist_with_their_options() -> None:
    for line in next_commands(WORKERS):
        program, *arguments = shlex.split(line)
        assert program == "pulsemill"
        command: Command = main
        while isinstance(command, Group):
            found = command.get_command(Context(command), arguments.pop(0))
            assert found is not None
            command = found
        command.make_context(line, arguments)
