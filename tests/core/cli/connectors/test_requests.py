"""Each verb's request, as data."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

BUILTINS = httpx2.Response(200, json=[{"name": "b"}, {"name": "a"}])
OK = httpx2.Response(204)
CREATED = (0, "Created successfully\n")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "c.nar"
    path.write_bytes(b"archive")
    return path


def test_create_a_source_with_every_flag(run: Callable[..., Any], archive: Path) -> None:
    result, worker = run(
        "sources", "create", "--tenant", "t", "--namespace", "n", "--name", "s", "-a", str(archive),
        "--classname", "a.B", "--source-config", '{"n": 5}', "--processing-guarantees", "atmost_once",
        "--batch-source-config", '{"discoveryTriggererClassName": "a.T"}', "--destination-topic-name", "o",
        "-st", "JSON", "--deserialization-classname", "a.S", "--producer-config", '{"maxPendingMessages": 5}',
        "--batch-builder", "KEY_BASED", "--parallelism", "2", "--cpu", "0.5", "--ram", "100", "--disk", "200",
        "--secrets", '{"s": {"path": "p"}}', "--log-topic", "l", "--runtime-flags", "-Dx=y",
        "--custom-runtime-options", "{}",
    )  # fmt: skip

    assert (result.exit_code, result.output) == CREATED
    assert worker.lines == ["POST /admin/v3/sources/t/n/s"]
    assert worker.parts["data"] == ("application/octet-stream", b"archive")
    content_type, config = worker.parts["sourceConfig"]
    assert content_type == "application/json"
    assert json.loads(config) == {
        "tenant": "t",
        "namespace": "n",
        "name": "s",
        "archive": str(archive),
        "className": "a.B",
        "configs": {"n": 5},
        "processingGuarantees": "ATMOST_ONCE",
        "batchSourceConfig": {"discoveryTriggererClassName": "a.T"},
        "topicName": "o",
        "schemaType": "JSON",
        "serdeClassName": "a.S",
        "producerConfig": {"maxPendingMessages": 5},
        "batchBuilder": "KEY_BASED",
        "parallelism": 2,
        "resources": {"cpu": 0.5, "ram": 100, "disk": 200},
        "secrets": {"s": {"path": "p"}},
        "logTopic": "l",
        "runtimeFlags": "-Dx=y",
        "customRuntimeOptions": "{}",
    }


def test_create_a_sink_with_every_flag(run: Callable[..., Any]) -> None:
    result, worker = run(
        "sinks", "create", "--name", "s", "-a", "https://h/c.nar", "--classname", "a.B", "--sink-config", '{"n": 5}',
        "--processing-guarantees", "ATLEAST_ONCE", "-i", "a, b", "--topics-pattern", "p.*",
        "--custom-serde-inputs", '{"c": "a.S"}', "--custom-schema-inputs", '{"d": "JSON"}',
        "--input-specs", '{"e": {"receiverQueueSize": 1}}', "--subs-name", "mine", "--subs-position", "earliest",
        "--cleanup-subscription", "--retain-ordering", "--retain-key-ordering=false", "--auto-ack", "false",
        "--timeout-ms", "10", "--negative-ack-redelivery-delay-ms", "20", "--max-redeliver-count", "3",
        "--dead-letter-topic", "dead", "--transform-function", "builtin://f", "--transform-function-classname", "a.F",
        "--transform-function-config", '{"x": 1}', "--parallelism", "2", "--cpu", "0.5", "--ram", "100",
        "--disk", "200", "--secrets", '{"s": {"path": "p"}}', "--log-topic", "l", "--runtime-flags", "-Dx=y",
        "--custom-runtime-options", "{}",
    )  # fmt: skip

    assert (result.exit_code, result.output) == CREATED
    assert worker.lines == ["POST /admin/v3/sinks/public/default/s"]
    assert worker.parts["url"] == ("", b"https://h/c.nar")
    assert "data" not in worker.parts
    assert json.loads(worker.parts["sinkConfig"][1]) == {
        "tenant": "public",
        "namespace": "default",
        "name": "s",
        "archive": "https://h/c.nar",
        "className": "a.B",
        "configs": {"n": 5},
        "processingGuarantees": "ATLEAST_ONCE",
        "inputs": ["a", "b"],
        "topicsPattern": "p.*",
        "topicToSerdeClassName": {"c": "a.S"},
        "topicToSchemaType": {"d": "JSON"},
        "inputSpecs": {"e": {"receiverQueueSize": 1}},
        "sourceSubscriptionName": "mine",
        "sourceSubscriptionPosition": "Earliest",
        "cleanupSubscription": True,
        "retainOrdering": True,
        "retainKeyOrdering": False,
        "autoAck": False,
        "timeoutMs": 10,
        "negativeAckRedeliveryDelayMs": 20,
        "maxMessageRetries": 3,
        "deadLetterTopic": "dead",
        "transformFunction": "builtin://f",
        "transformFunctionClassName": "a.F",
        "transformFunctionConfig": '{"x": 1}',
        "parallelism": 2,
        "resources": {"cpu": 0.5, "ram": 100, "disk": 200},
        "secrets": {"s": {"path": "p"}},
        "logTopic": "l",
        "runtimeFlags": "-Dx=y",
        "customRuntimeOptions": "{}",
    }


@pytest.mark.parametrize("name", ["source", "sink"])
def test_a_file_and_flags_over_it(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("name: c\narchive: builtin://x\nlogTopic: l\nresources: {cpu: 1.0, ram: 5}\nconfigs: {a: 1}\n")
    arguments = [f"{name}s", "create", f"--{name}-config-file", str(file), "--ram", "7", "--parallelism", "2"]
    _, worker = run(*arguments)

    assert worker.parts.keys() == {f"{name}Config"}
    assert json.loads(worker.parts[f"{name}Config"][1]) == {
        "name": "c",
        "archive": "builtin://x",
        "logTopic": "l",
        "resources": {"cpu": 1.0, "ram": 7},
        "configs": {"a": 1},
        "parallelism": 2,
        "tenant": "public",
        "namespace": "default",
    }


@pytest.mark.parametrize("name", ["source", "sink"])
def test_an_unknown_key_of_the_file_is_refused(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("name: c\narchiv: builtin://x\n")
    result, worker = run(f"{name}s", "create", f"--{name}-config-file", str(file))

    assert (result.exit_code, worker.lines) == (1, [])
    assert result.output == f"Reason: {file} has no field 'archiv'; did you mean archive?\n"


@pytest.mark.parametrize("name", ["source", "sink"])
def test_a_type_is_looked_for_among_the_workers(run: Callable[..., Any], name: str) -> None:
    result, worker = run(f"{name}s", "create", "--name", "c", "-t", "a", answers=[BUILTINS, OK])
    assert result.exit_code == 0
    assert worker.lines[0] == f"GET /admin/v3/{name}s/builtin{name}s"
    assert json.loads(worker.parts[f"{name}Config"][1])["archive"] == "builtin://a"
    assert f"{name}Type" not in json.loads(worker.parts[f"{name}Config"][1])

    result, worker = run(f"{name}s", "update", "--name", "c", "-t", "x", answers=[BUILTINS])
    assert result.output == f"Reason: Invalid {name} type 'x' -- Available {name}s are: [a, b]\n"


def test_older_flag_names_work_but_are_not_shown(run: Callable[..., Any]) -> None:
    older = ["--destinationTopicName", "o", "--sourceConfig", "{}", "--className", "a.B"]
    result, worker = run("sources", "create", "--name", "s", "-a", "builtin://x", *older)

    assert result.exit_code == 0
    assert json.loads(worker.parts["sourceConfig"][1])["topicName"] == "o"
    assert "--destinationTopicName" not in run("sources", "create", "--help")[0].output


def test_update_sends_its_options_and_may_leave_the_archive(run: Callable[..., Any]) -> None:
    result, worker = run("sinks", "update", "--name", "s", "--parallelism", "2", "--update-auth-data")

    assert result.output == "Updated successfully\n"
    assert worker.lines == ["PUT /admin/v3/sinks/public/default/s"]
    assert worker.parts["updateOptions"] == ("application/json", b'{"updateAuthData": true}')
    assert worker.parts.keys() == {"sinkConfig", "updateOptions"}


@pytest.mark.parametrize(
    ("arguments", "request_line", "output"),
    [
        ("sources delete --name s", "DELETE sources/public/default/s", "Delete source successfully\n"),
        ("sinks delete --name s --tenant t", "DELETE sinks/t/default/s", "Deleted successfully\n"),
        ("sources start --name s", "POST sources/public/default/s/start", "Started successfully\n"),
        ("sinks stop --name s --instance-id 2", "POST sinks/public/default/s/2/stop", "Stopped successfully\n"),
        ("sinks restart --name s --instance-id 0", "POST sinks/public/default/s/0/restart", "Restarted successfully\n"),
        ("sources reload", "POST sources/reloadBuiltInSources", "Reloaded successfully\n"),
        ("sinks reload", "POST sinks/reloadBuiltInSinks", "Reloaded successfully\n"),
    ],
)
def test_verbs_without_an_answer(run: Callable[..., Any], arguments: str, request_line: str, output: str) -> None:
    result, worker = run(*arguments.split())

    assert (result.exit_code, result.output) == (0, output)
    assert worker.lines == [request_line.replace(" ", " /admin/v3/")]


def test_a_name_is_needed(run: Callable[..., Any]) -> None:
    result, _ = run("sinks", "delete")

    assert (result.exit_code, result.output) == (1, "Reason: You must specify a name for the sink\n")


def test_connectors_have_no_fqfn(run: Callable[..., Any]) -> None:
    assert run("sources", "delete", "--fqfn", "t/n/s")[0].exit_code == 2


@pytest.mark.parametrize("archive", ["builtin://x", "https://h/c.nar"])
def test_localrun_needs_a_local_archive(run: Callable[..., Any], archive: str) -> None:
    result, _ = run("sources", "localrun", "--name", "s", "-a", archive, "--destination-topic-name", "o")

    assert result.exit_code == 1
    assert "Reason: localrun needs the source's archive as a local file" in result.output


def test_localrun_refuses_transform_functions(run: Callable[..., Any], archive: Path) -> None:
    result, _ = run(
        "sinks", "localrun", "--name", "s", "-a", str(archive), "-i", "a", "--transform-function", "builtin://f"
    )

    assert "Reason: localrun of a sink with a transform function is not supported" in result.output
