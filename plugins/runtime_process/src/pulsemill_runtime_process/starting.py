"""From a launch to a child process."""

import asyncio
from collections.abc import Mapping

from pulsemill.errors import PulsemillError
from pulsemill_runtime_process.checks import check_launch, check_program
from pulsemill_runtime_process.child import Child
from pulsemill_runtime_process.command import command_line, private_content
from pulsemill_runtime_process.launch import Launch
from pulsemill_runtime_process.private_file import PrivateFile


async def start_child(launch: Launch, environment: Mapping[str, str]) -> Child:
    """Check and launch an instance; PulsemillError says what is missing."""
    await asyncio.to_thread(check_launch, launch)
    content = private_content(launch)
    private = PrivateFile(content) if content is not None else None
    try:
        command = command_line(launch, private.path if private else "")
        check_program(launch, command, environment)
        console = launch.log_folder / f"{launch.log_name}.out"
        return await Child.launch(command, environment, (private.descriptor,) if private else (), console)
    except OSError as error:
        raise PulsemillError(f"{launch.instance.name}: cannot start a process: {error.strerror}") from error
    finally:
        if private:
            private.close()
