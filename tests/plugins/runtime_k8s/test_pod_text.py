"""What a shell and Kubernetes make of a pod's command is what was meant."""

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.manifests import ObjectPlan
from pulsemill_runtime_k8s.pod_text import plain_pod_json, pod_json, shell_word

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.dictionaries(texts, texts | st.booleans() | st.integers())


@given(values)
@example({"pattern": "$(POD_NAME) $$ it's"})
def test_json_is_the_same_behind_kubernetes_and_in_quotes(value: Any) -> None:
    for text in (pod_json(value), plain_pod_json(value)):
        assert json.loads(text) == value
        assert not {"$(", "$$"} & {text[index : index + 2] for index in range(len(text))}
        assert "'" not in text


def kubernetes(command: str) -> str:
    """What it makes of a pod's command, where no variable is declared (third_party/forked/golang/expansion)."""
    return command.replace("$$", "$")


def test_a_shell_behind_kubernetes_reads_a_word_as_it_was() -> None:
    odd = ["a b", "it's", "$HOME", "`id`", "x;y", "é", "*", "~", '"', "\\n", "plain-1.0_x:=,@%+/"]
    odd += ["$", "a$$b", "$$$", "$(POD_NAME)", "$$(POD_NAME)"]
    words = [shell_word(text) for text in odd]
    assert [word for word in words if re.search(r"(?<!\$)(\$\$)*\$(?!\$)", word)] == []
    line = kubernetes(" ".join(words))
    read = subprocess.run(["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True).stdout
    assert read.decode().split("\0")[:-1] == odd


def test_ordinary_words_stand_as_upstreams_do() -> None:
    for text in ("public", "my_Func.v1", "file:///etc/auth/token", "token:abc.def-_", "grüße"):
        assert shell_word(text) == text


def test_a_name_with_blanks_is_one_word_everywhere(
    new_plan: Callable[..., ObjectPlan], new_details: Callable[..., FunctionDetails]
) -> None:
    places = {
        FunctionDetails.PYTHON: ["--name 'two words; id' ", "--logging_file 'two words; id' "],
        FunctionDetails.JAVA: [
            "log.dir='logs/functions/acme/ns/two words; id' ",
            "log.file='two words; id'-$SHARD_ID ",
        ],
    }
    for runtime, expected in places.items():
        spec = new_plan(new_details(runtime, name="two words; id")).stateful_set["spec"]["template"]["spec"]
        line = spec["containers"][0]["command"][2]
        assert [text for text in expected if text not in line] == []
