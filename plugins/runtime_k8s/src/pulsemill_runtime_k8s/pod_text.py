"""Text that reaches an instance as it was meant.

A pod's command passes through Kubernetes, which replaces `$(NAME)` and `$$`, and a shell. Upstream leaves both at it,
and so changes a userConfig with such text, or does not start a function whose name holds a blank.
"""

import re
from typing import Final

from pulsemill.java_json import plain_json, to_json

_EXPANDED: Final = re.compile(r"\$+(?=\()|\${2,}")
_SPECIAL: Final = re.compile(r"[\s|&;<>()$`\\\"'*?\[\]{}~#!]")


def pod_json(value: object) -> str:
    """JSON as Gson writes it, safe from Kubernetes and within single quotes."""
    return _unexpanded(to_json(value))


def plain_pod_json(value: object) -> str:
    """JSON as Jackson writes it, made safe in the same way."""
    return _unexpanded(plain_json(value).replace("'", "\\u0027"))


def shell_word(text: str) -> str:
    """A text that a shell behind Kubernetes takes as one word; most stand as they are, as upstream's do."""
    word = "'" + text.replace("'", "'\"'\"'") + "'" if _SPECIAL.search(text) else text
    return word.replace("$", "$$")


def _unexpanded(json_text: str) -> str:
    return _EXPANDED.sub(lambda match: "\\u0024" * len(match[0]), json_text)
