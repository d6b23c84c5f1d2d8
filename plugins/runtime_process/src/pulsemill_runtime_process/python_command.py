"""The command line of a Python instance, Pulsemill's own or upstream's python_instance_main.py."""

import configparser
import io
import sys

from pulsemill.instance_commands.options import Option, common_options, words
from pulsemill_runtime_process.launch import Launch


def python_command(launch: Launch, config_file: str) -> list[str]:
    """The whole command line. What `private_options` gives is left out and has to be in `config_file`."""
    private = private_options(launch)
    options = [option for option in _options(launch) if option not in private]
    if private:
        options.append(("--config_file", config_file))
    return [*_interpreter(launch), *words(options)]


def private_options(launch: Launch) -> list[Option]:
    """The options that hold, or may hold, secrets: every user of a machine can read a command line.

    The details are among them when they have secrets, because the clear-text provider's references are the secrets.
    """
    names = {"--client_auth_params", "--secrets_provider_config"}
    if launch.details.secretsMap:
        names.add("--function_details")
    return [option for option in _options(launch) if option[0] in names]


def config_file_content(options: list[Option]) -> bytes:
    """Options as the file that an instance's --config_file reads (upstream: util.read_config)."""
    parser = configparser.ConfigParser()
    for name, value in options:
        parser["DEFAULT"][name.removeprefix("--")] = value.replace("%", "%%")
    text = io.StringIO()
    parser.write(text)
    return text.getvalue().encode()


def _interpreter(launch: Launch) -> list[str]:
    flags = launch.runtime_flags
    if launch.locations.python_instance:
        return ["python3", *flags, str(launch.locations.python_instance)]
    # -P: nothing in the worker's current folder may pose as one of the instance's modules.
    return [sys.executable, *flags, "-P", "-m", "pulsemill_instance"]


def _options(launch: Launch) -> list[Option]:
    own: list[Option] = [
        ("--py", str(launch.code)),
        ("--logging_directory", str(launch.log_root)),
        ("--logging_file", launch.details.name),
        ("--logging_config_file", str(launch.locations.python_logging_config)),
    ]
    return own + common_options(launch.arguments)
