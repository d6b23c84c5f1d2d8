"""Each verb's request, as data."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pulsemill.cli.functions import trigger as trigger_module

OK = [httpx2.Response(204)]


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "echo.py"
    path.write_text("def process(input):\n    return input\n")
    return path


def test_create_uploads_the_code_and_the_configuration(run: Callable[..., Any], code: Path) -> None:
    result, worker = run(
        "functions", "create", "--py", str(code), "--classname", "echo", "-i", "a, b", "-o", "c", "--ram", "100",
        "--user-config", '{"n": 5}', "--retain-ordering", "--auto-ack=false", "--window-length-count", "3",
    )  # fmt: skip

    assert (result.exit_code, result.output) == (0, "Created successfully\n")
    assert worker.lines == ["POST /admin/v3/functions/public/default/echo"]
    assert worker.parts["data"] == ("application/octet-stream", code.read_bytes())
    content_type, config = worker.parts["functionConfig"]
    assert content_type == "application/json"
    assert json.loads(config) == {
        "py": str(code),
        "className": "echo",
        "inputs": ["a", "b"],
        "output": "c",
        "userConfig": {"n": 5},
        "autoAck": False,
        "retainOrdering": True,
        "resources": {"ram": 100},
        "windowConfig": {"windowLengthCount": 3},
        "name": "echo",
        "tenant": "public",
        "namespace": "default",
    }


def test_create_sends_no_key_that_was_not_given(run: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("py: https://example.org/f.py\nclassName: f.F\noutputSchemaType: JSON\n")
    _, worker = run("functions", "create", "--function-config-file", str(file))

    assert json.loads(worker.parts["functionConfig"][1]) == {
        "py": "https://example.org/f.py",
        "className": "f.F",
        "outputSchemaType": "JSON",
        "name": "F",
        "tenant": "public",
        "namespace": "default",
    }
    assert worker.parts["url"] == ("", b"https://example.org/f.py")
    assert "data" not in worker.parts


def test_older_flag_names_work_but_are_not_shown(run: Callable[..., Any], code: Path) -> None:
    result, worker = run("functions", "create", "--py", str(code), "--className", "m.F", "--userConfig", '{"a": 1}')

    assert result.exit_code == 0
    assert json.loads(worker.parts["functionConfig"][1])["userConfig"] == {"a": 1}
    assert "--className" not in run("functions", "create", "--help")[0].output


def test_update_sends_its_options_and_may_leave_the_code(run: Callable[..., Any]) -> None:
    result, worker = run("functions", "update", "--fqfn", "t/n/f", "--parallelism", "2", "--update-auth-data")

    assert result.output == "Updated successfully\n"
    assert worker.lines == ["PUT /admin/v3/functions/t/n/f"]
    assert worker.parts["updateOptions"] == ("application/json", b'{"updateAuthData": true}')
    assert worker.parts.keys() == {"functionConfig", "updateOptions"}


@pytest.mark.parametrize(
    ("arguments", "request_line"),
    [
        (["delete", "--name", "f"], "DELETE /admin/v3/functions/public/default/f"),
        (["start", "--name", "f"], "POST /admin/v3/functions/public/default/f/start"),
        (["stop", "--fqfn", "t/n/f", "--instance-id", "2"], "POST /admin/v3/functions/t/n/f/2/stop"),
        (["restart", "--name", "f", "--instance-id", "0"], "POST /admin/v3/functions/public/default/f/0/restart"),
        (["reload"], "POST /admin/v3/functions/builtins/reload"),
        (["delete", "--name", "a/../b"], "DELETE /admin/v3/functions/public/default/a%2F..%2Fb"),
    ],
)
def test_verbs_without_an_answer(run: Callable[..., Any], arguments: list[str], request_line: str) -> None:
    result, worker = run("functions", *arguments)

    assert result.exit_code == 0
    assert worker.lines == [request_line]


RUNNING = httpx2.Response(200, json={"numInstances": 1, "numRunning": 1})
STARTING = httpx2.Response(200, json={"numInstances": 1, "numRunning": 0})


def test_trigger_prints_the_output(run: Callable[..., Any]) -> None:
    arguments = ["functions", "trigger", "--name", "f", "--triggerValue", "hello", "--topic", "t"]
    result, worker = run(*arguments, answers=[RUNNING, httpx2.Response(200, text="hello!")])

    assert result.output == "hello!\n"
    assert worker.lines[1] == "POST /admin/v3/functions/public/default/f/trigger"
    assert worker.parts == {"data": ("", b"hello"), "topic": ("", b"t")}


def test_trigger_without_an_output_topic_prints_nothing(run: Callable[..., Any]) -> None:
    arguments = ["functions", "trigger", "--name", "f", "--trigger-value", "x"]

    assert run(*arguments, answers=[RUNNING, httpx2.Response(204)])[0].output == ""


def test_trigger_waits_for_an_instance(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLL_SECONDS", "SETTLE_SECONDS"):
        monkeypatch.setattr(trigger_module, name, 0.0)
    arguments = ["functions", "trigger", "--name", "f", "--trigger-value", "x"]
    result, worker = run(*arguments, answers=[STARTING, STARTING, RUNNING, httpx2.Response(204)])

    assert result.exit_code == 0
    assert [line.partition(" ")[0] for line in worker.lines] == ["GET", "GET", "GET", "POST"]

    monkeypatch.setattr(trigger_module, "START_SECONDS", -1.0)
    result, worker = run(*arguments, answers=[STARTING, STARTING])
    assert result.output.startswith("Reason: no instance of public/default/f runs")


def test_trigger_needs_one_message(run: Callable[..., Any], code: Path) -> None:
    assert "needs to be specified" in run("functions", "trigger", "--name", "f")[0].output
    both = run("functions", "trigger", "--name", "f", "--trigger-value", "x", "--trigger-file", str(code))[0]
    assert "not both" in both.output


def test_upload_and_download(run: Callable[..., Any], code: Path, tmp_path: Path) -> None:
    result, worker = run("functions", "upload", "--source-file", str(code), "--path", "a/b")
    assert result.exit_code == 0
    assert worker.lines == ["POST /admin/v3/functions/upload"]
    assert worker.parts == {"data": ("application/octet-stream", code.read_bytes()), "path": ("", b"a/b")}

    target = tmp_path / "out.py"
    answers = [httpx2.Response(200, content=b"code")]
    result, worker = run("functions", "download", "--name", "f", "--destination-file", str(target), answers=answers)
    assert (result.output, target.read_bytes()) == ("Downloaded successfully\n", b"code")
    assert worker.lines == ["GET /admin/v3/functions/public/default/f/download"]


def test_a_failed_download_leaves_nothing_behind(run: Callable[..., Any], tmp_path: Path) -> None:
    answers = [httpx2.Response(404, json={"reason": "Function f doesn't exist"})]
    result, _ = run("functions", "download", "--name", "f", "--destination-file", str(tmp_path / "x"), answers=answers)

    assert (result.exit_code, result.output) == (1, "Reason: Function f doesn't exist\n")
    assert list(tmp_path.iterdir()) == []


def test_download_of_a_stored_path(run: Callable[..., Any], tmp_path: Path) -> None:
    answers = [httpx2.Response(200, content=b"x")]
    arguments = ["functions", "download", "--path", "a b/c", "--destination-file", str(tmp_path / "x")]
    _, worker = run(*arguments, answers=answers)

    assert worker.lines == ["GET /admin/v3/functions/download?path=a+b%2Fc"]


def test_state(run: Callable[..., Any]) -> None:
    state = {"key": "k", "stringValue": "v", "version": 1}
    result, worker = run(
        "functions", "querystate", "--name", "f", "-k", "k", "--json", answers=[httpx2.Response(200, json=state)]
    )
    assert json.loads(result.output) == state
    assert worker.lines == ["GET /admin/v3/functions/public/default/f/state/k"]

    _, worker = run("functions", "putstate", "--name", "f", "-s", '{"key": "k", "stringValue": "v"}')
    assert worker.parts["state"] == ("application/json", b'{"key": "k", "stringValue": "v"}')
    assert 'needs a "key"' in run("functions", "putstate", "--name", "f", "-s", "{}")[0].output
