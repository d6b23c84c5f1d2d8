"""Which command line an instance gets, by the language of its function."""

from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.go_command import go_command
from pulsemill_runtime_process.java_command import java_command, private_token
from pulsemill_runtime_process.launch import Launch
from pulsemill_runtime_process.python_command import config_file_content, private_options, python_command


def private_content(launch: Launch) -> bytes | None:
    """What the command line is not to show and the instance reads from a private file instead, None for nothing."""
    if launch.details.runtime == FunctionDetails.PYTHON:
        options = private_options(launch)
        return config_file_content(options) if options else None
    token = private_token(launch) if launch.details.runtime == FunctionDetails.JAVA else None
    return token.encode() if token is not None else None


def command_line(launch: Launch, private_path: str) -> list[str]:
    """Program and arguments; `private_path` is where the instance will find its private content."""
    if launch.details.runtime == FunctionDetails.PYTHON:
        return python_command(launch, private_path)
    if launch.details.runtime == FunctionDetails.JAVA:
        return java_command(launch, private_path)
    if launch.details.runtime == FunctionDetails.GO:
        return go_command(launch)
    raise PulsemillError(f"{launch.instance.name}: the process runtime knows no language {launch.details.runtime}")
