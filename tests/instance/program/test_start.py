"""Acceptance cases 33 and 40: the worker's exact command line starts the program, and every package form loads."""

import zipfile
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.embedded

EXCLAIM = "def process(x): return str(x) + '?'\n"


def test_a_workers_command_line_starts_a_native_function(launcher: Any, harness: Any) -> None:
    package = launcher.write(EXCLAIM)
    launcher.start(
        harness.details(className="exclaim"),
        package,
        extra_fields='{"addedLater": {"x": 1}}',
        max_buffered_tuples="1024",
    )
    harness.produce(b"7")
    assert harness.consume(1)[0].data() == b"7?"
    (program,) = launcher.started
    assert "Unknown field of the function's details ignored: addedLater" in program.log


def test_no_authentication_parameter_reaches_any_log(launcher: Any, harness: Any, token: str) -> None:
    program = launcher.start(
        harness.details(className="exclaim"),
        launcher.write(EXCLAIM),
        client_auth_plugin="org.apache.pulsar.client.impl.auth.AuthenticationToken",
        client_auth_params=f"token:{token}",
        secrets_provider_config=f'{{"key": "{token}"}}',
        logging_level="debug",
    )
    harness.produce(b"7")
    harness.consume(1)
    program.process.terminate()
    output, errors = program.process.communicate(timeout=10)
    assert "Starting instance" in program.log
    assert token not in program.log + output + errors


def test_options_come_from_a_file_where_the_command_line_has_none(launcher: Any, harness: Any) -> None:
    """Credentials need not be on a command line that everybody on the machine can read."""
    arguments = launcher.arguments(harness.details(className="exclaim"), launcher.write(EXCLAIM), metrics_port=None)
    ini = launcher.write("[DEFAULT]\nmetrics_port = 0\ncluster_name = unused\n", "options.ini")
    launcher.start_arguments([*arguments, "--config_file", str(ini)])
    harness.produce(b"7")
    assert harness.consume(1)[0].data() == b"7?"


def test_a_wheel_runs(launcher: Any, harness: Any) -> None:
    wheel = launcher.folder / "shout-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("shout/__init__.py", "")
        archive.writestr("shout/loud.py", "class Shout:\n    def process(self, x, context): return x.upper()\n")
    launcher.start(harness.details(className="shout.loud.Shout"), wheel)
    harness.produce(b"hey")
    assert harness.consume(1)[0].data() == b"HEY"


def test_a_zip_runs_with_its_dependencies_offline(launcher: Any, harness: Any) -> None:
    dependency = launcher.folder / "helper-2.0-py3-none-any.whl"
    with zipfile.ZipFile(dependency, "w") as archive:
        archive.writestr("helper.py", "MARK = '!!'\n")
    package = launcher.folder / "shout.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("shout/src/shout.py", "from helper import MARK\ndef process(x): return x + MARK\n")
        archive.write(dependency, f"shout/deps/{dependency.name}")
        archive.writestr("shout/requirements.txt", "no-such-distribution-anywhere==1\n")
    program = launcher.start(harness.details(className="shout"), package)
    harness.produce(b"hey")
    assert harness.consume(1)[0].data() == b"hey!!"
    assert list(launcher.folder.glob(".shout.zip-*")), "unpacked beside the package"
    program.process.terminate()
    assert program.end()[0] == 0
    assert not list(launcher.folder.glob(".shout.zip-*")), "nothing is left"


def test_an_async_function_runs(launcher: Any, harness: Any) -> None:
    package = launcher.write("async def process(x): return str(x) + '?'\n")
    launcher.start(harness.details(className="exclaim"), package)
    harness.produce(b"7")
    assert harness.consume(1)[0].data() == b"7?"


SECRETS = """
class Reveal:
    def process(self, name, context): return repr(context.get_secret(name))
"""


@pytest.mark.parametrize(
    ("provider", "secret"),
    [
        ("secretsprovider.ClearTextSecretsProvider", b"'mapped'"),
        ("secretsprovider.EnvironmentBasedSecretsProvider", b"'from outside'"),
    ],
)
def test_secrets_come_from_the_provider(launcher: Any, harness: Any, provider: str, secret: bytes) -> None:
    details = harness.details(className="exclaim.Reveal", secretsMap='{"PASSWORD": "mapped"}')
    arguments = launcher.arguments(details, launcher.write(SECRETS), secrets_provider=provider)
    launcher.start_arguments(arguments, PASSWORD="from outside")
    harness.produce(b"PASSWORD", b"UNKNOWN")
    assert [message.data() for message in harness.consume(2)] == [secret, b"None"]


def test_the_packages_own_secrets_provider_is_used(launcher: Any, harness: Any) -> None:
    package = launcher.write(
        SECRETS
        + """
class Vault:
    def init(self, config): self.config = config
    def provide_secret(self, name, path): return self.config["prefix"] + path
"""
    )
    launcher.start(
        harness.details(className="exclaim.Reveal", secretsMap='{"PASSWORD": "path"}'),
        package,
        secrets_provider="exclaim.Vault",
        secrets_provider_config='\'{"prefix": "at "}\'',
    )
    harness.produce(b"PASSWORD")
    assert harness.consume(1)[0].data() == b"'at path'"


LOGGING = """
import sys
class Talk:
    def process(self, x, context):
        print("printed", x)
        print("complained", file=sys.stderr)
        context.get_logger().warning("logged")
"""


def test_what_user_code_says_is_in_the_log_and_on_the_log_topic(
    launcher: Any, harness: Any, until: Callable[..., Any]
) -> None:
    """Acceptance case 37."""
    topic = harness.topic("log")
    ini = launcher.write(
        """[loggers]
keys=root
[handlers]
keys=file
[formatters]
keys=line
[logger_root]
level=INFO
handlers=file
[handler_file]
class=log.CreatePathRotatingFileHandler
level=INFO
formatter=line
args=(os.getenv("LOG_FILE",""), 5, 10 * 1024 * 1024)
[formatter_line]
format=%(levelname)s|%(message)s
""",
        "logging.ini",
    )
    details = harness.details(className="exclaim.Talk", logTopic=topic)
    program = launcher.start(details, launcher.write(LOGGING), logging_config_file=str(ini))
    harness.produce(b"seven")
    sent = [message.data().decode().partition("] ")[2] for message in harness.consume(3, topic)]
    assert sent == ["[INFO]: printed seven", "[ERROR]: complained", "[WARNING]: logged"]
    until(lambda: {"INFO|printed seven", "ERROR|complained", "WARNING|logged"} <= set(program.log.splitlines()))
    assert (program.logs / f"public/default/{details.name}/{details.name}-0.log").is_file()
    assert harness.all_of(topic)[3:] == [], "the instance's own records stay out of the topic"
