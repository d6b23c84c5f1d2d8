"""Command lines and environments as tokens that two workers' can be compared by."""

import configparser
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.plugins.runtime_process.real_broker.workers import Worker

Difference = tuple[tuple[str, ...], tuple[str, ...]]
"""What upstream has, and what ours has at the same place."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PORT_OPTIONS = {"--port", "--metrics_port"}
_JSON_TEXTS = {"userConfig", "secretsMap"}
_PORT_KEYS = {"port", "metricsPort"}


def command_tokens(worker: Worker, name: str, home: Path) -> list[str]:
    """The command line of a function's instance, masked; JSON with sorted keys, that of Go one token per key."""
    command = worker.process(name).command
    words = [_masked(word, worker, home) for word in command]
    return [token for before, word in zip(["", *words], words, strict=False) for token in _tokens(before, word)]


def private_tokens(worker: Worker, name: str, home: Path) -> list[str]:
    """What an instance gets by --config_file, if it gets one, as it would stand on its command line."""
    process = worker.process(name)
    descriptors = [Path(word).name for option, word in pairwise(process.command) if option == "--config_file"]
    parser = configparser.ConfigParser()
    for descriptor in descriptors:
        parser.read_string(Path(f"/proc/{process.pid}/fd/{descriptor}").read_text())
    options = [(f"--{key}", _masked(value, worker, home)) for key, value in parser["DEFAULT"].items()]
    return [token for name, value in options for token in (name, *_tokens(name, value))]


def environment_tokens(worker: Worker, name: str, home: Path) -> list[str]:
    """What an instance's environment has that its worker's has not, masked, and what it lacks."""
    theirs, ours = worker.process(name).environment, worker.environment()
    added = [f"{key}={value}" for key, value in theirs.items() if ours.get(key) != value]
    return sorted(_masked(word, worker, home) for word in [*added, *(f"no {key}" for key in ours.keys() - theirs)])


def differences(upstream: Sequence[str], ours: Sequence[str]) -> set[Difference]:
    """Where two token lists differ."""
    matched = difflib.SequenceMatcher(None, upstream, ours, autojunk=False)
    return {
        (tuple(upstream[start:end]), tuple(ours[from_:to]))
        for kind, start, end, from_, to in matched.get_opcodes()
        if kind != "equal"
    }


def _tokens(before: str, word: str) -> Iterable[str]:
    if before == "-instance-conf":
        return _go_tokens(json.loads(word))
    if before in _PORT_OPTIONS:
        return ["<port>"]
    if before == "--config_file":
        return ["<private file>"]
    if before == "--function_details":
        return [json.dumps(_details(word.removeprefix("'").removesuffix("'")))]
    return [word]


def _masked(word: str, worker: Worker, home: Path) -> str:
    for path in {home, home.resolve()}:
        word = word.replace(str(path), "<home>")
    return _UUID.sub("<uuid>", word.replace(str(worker.folder), "<folder>"))


def _go_tokens(conf: dict[str, Any]) -> Iterator[str]:
    for key, value in sorted(conf.items()):
        if key == "functionDetails":
            shown = _details(value)
        elif key in _JSON_TEXTS and value:
            shown = _in_order(json.loads(value))
        elif key == "sourceInputSpecs":
            shown = {topic: json.loads(spec) for topic, spec in sorted(value.items())}
        else:
            shown = "<port>" if key in _PORT_KEYS else value
        yield f"{key}={json.dumps(shown)}"


def _details(text: str) -> Any:
    """FunctionDetails, without what depends on the order of maps, and without Java types, which are REST's concern."""
    details = _in_order(json.loads(text))
    return details | {key: _in_order(json.loads(details[key])) for key in _JSON_TEXTS & details.keys()}


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value) if key != "typeClassName"}
    return value
