"""Inputs given by a pattern: what is one, what the client is given for it, which topics it has."""

import re
from typing import Any

import pulsar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.client import ClientSettings, create_client
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.patterns import TopicPattern

NAMES = st.text("ab-_.0/", min_size=1, max_size=4)
PATTERNS = st.recursive(
    st.sampled_from(["a", "b", ".", r"\.", "-", "[ab]", "[^a-]", r"\d", r"[\w.-]", "[]a]", "_", "{"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        inner.map("({})".format),
        *(inner.map(f"(?:%s){repeat}".__mod__) for repeat in ("*", "+?", "?", "{2}", "{1,}", "{,2}")),
        inner.map("(?!{})".format),
    ),
    max_leaves=4,
)


@pytest.mark.parametrize(
    ("text", "namespace", "persistent"),
    [
        ("orders-.*", "public/default", True),
        ("my-tenant/ns.1/orders-.*", "my-tenant/ns.1", True),
        ("persistent://t/n/.*", "t/n", True),
        ("non-persistent://t/n/.*", "t/n", False),
    ],
)
def test_a_pattern_is_of_one_namespace_and_kind(text: str, namespace: str, persistent: bool) -> None:
    pattern = TopicPattern.parse(text)
    assert (pattern.namespace, pattern.persistent) == (namespace, persistent)
    assert pattern.for_client().startswith(f"{namespace}/")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a/b.*", "plain names of a tenant and a namespace"),
        ("persistent://public/.*/a", "plain names"),
        ("persistent://(public|mine)/default/a", "plain names"),
        ("(unclosed", "missing \\)"),
        ("(?i)orders", "flags"),
        ("(?i:orders)", "no subpattern"),
        ("(?<=a)b", "no assert"),
        (r"(a)\1", "no groupref"),
        ("(?>a)", "no atomic group"),
        ("a++", "no possessive repeat"),
        ("(a{1000}){1000}", "repeats too much"),
        ("ä.*", "only ASCII"),
        ("(" * 5000 + ")" * 5000, "recursion"),
    ],
)
def test_what_the_client_could_not_take_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InstanceError, match=f"(?s)input pattern .*{reason}"):
        TopicPattern.parse(text)


@given(pattern=PATTERNS, name=NAMES)
def test_the_client_is_given_what_means_the_same(pattern: str, name: str) -> None:
    parsed = TopicPattern("public/default", pattern)
    rewritten = parsed.for_client()
    expected = re.fullmatch(pattern, name) is not None
    assert (re.fullmatch(rewritten, f"public/default/{name}") is not None) is expected
    assert parsed.matches(f"persistent://public/default/{name}") is expected
    assert re.fullmatch(r"public/default/(?:[\w.|(){}\[\]?:=!$,-]|\\[dDwWsSbB]|\\x[0-9a-f]{2}|\^)*", rewritten)


def test_anchors_mean_the_name_behind_the_namespace() -> None:
    assert TopicPattern.parse("^a$").for_client() == "public/default/a$"


def test_a_pattern_of_one_kind_has_no_topic_of_the_other() -> None:
    assert not TopicPattern.parse("a.*").matches("non-persistent://public/default/ab")
    assert TopicPattern.parse("non-persistent://public/default/a.*").matches("non-persistent://public/default/ab")


def test_the_client_hands_the_period_of_discovery_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """pulsar-client has the setting and the argument, and nothing in between."""
    given: list[Any] = []

    class Inner:
        def subscribe_pattern(self, pattern: str, subscription: str, settings: Any) -> Any:
            given.extend([pattern, subscription, settings.pattern_auto_discovery_period])

    client: Any = create_client(ClientSettings("pulsar://127.0.0.1:1", log_level=pulsar.LoggerLevel.Error))
    monkeypatch.setattr(client, "_client", Inner())
    monkeypatch.setattr(
        "_pulsar.ConsumerConfiguration.pattern_auto_discovery_period", lambda _, seconds: given.append(seconds)
    )
    client.subscribe(re.compile("public/default/a"), "me", pattern_auto_discovery_period=3)
    assert given[0] == 3
    assert given[1:3] == ["public/default/a", "me"]


def test_what_is_left_out_of_a_pattern_is_not_matched_and_the_client_is_told() -> None:
    pattern = TopicPattern.parse("in-.*|other").without(r".*-DLQ")
    names = ("in-a", "other", "in-a-DLQ", "in-a-DLQ-b", "another")
    matched = [name for name in names if pattern.matches(f"persistent://public/default/{name}")]
    assert matched == ["in-a", "other", "in-a-DLQ-b"]
    assert pattern.for_client() == r"public/default/(?!(?:.){0,}\x2dDLQ$)(?:in\x2d(?:.){0,}|other)"
