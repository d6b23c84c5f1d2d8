"""Whatever configuration is sent: it is registered and can be read and updated again, or refused with a reason."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsemill.functions.model import ConsumerConfig, CryptoConfig, FunctionConfig, ProducerConfig
from pulsemill.functions.writing import given_to_json, to_json

WORDS = st.sampled_from(["in", "t/n/x", "out", "a.B", "", "builtin://x", "{}", "JSON", "KEY_BASED", "../x", "\0", "ü"])
TEXT = WORDS | st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
CRYPTO = st.builds(
    CryptoConfig,
    crypto_key_reader_class_name=st.just("K"),
    crypto_key_reader_config=st.none() | OBJECTS,
    encryption_keys=st.just(("key",)),
)
CONSUMERS = st.builds(ConsumerConfig, crypto_config=st.none() | CRYPTO)
CONFIGS = st.builds(
    FunctionConfig,
    class_name=st.just("a.B") | TEXT,
    inputs=st.just(("in",)),
    input_specs=st.dictionaries(st.sampled_from(["a", "b", "t/n/.*"]), CONSUMERS, max_size=2),
    output=st.just("out"),
    log_topic=st.sampled_from([None, "log"]),
    processing_guarantees=st.none(),
    retain_key_ordering=st.none(),
    parallelism=st.integers(1, 5),
    resources=st.none(),
    timeout_ms=st.none() | st.integers(1, 2**63 - 1),
    user_config=OBJECTS,
    secrets=st.none() | OBJECTS,
    producer_config=st.builds(ProducerConfig, crypto_config=st.none() | CRYPTO, batch_builder=st.none()),
    **{name: st.none() for name in ("topics_pattern", "custom_serde_inputs", "custom_schema_inputs")},
    **{name: st.none() for name in ("dead_letter_topic", "max_message_retries", "window_config", "batch_builder")},
    **{name: st.none() for name in ("jar", "py", "go", "runtime", "custom_schema_outputs")},
)
"""Configurations that are mostly right."""

FIELDS = st.sampled_from(sorted(to_json(FunctionConfig())))

quickly = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quickly
@given(config=CONFIGS)
async def test_a_configuration_of_the_right_types(world: Any, config: FunctionConfig) -> None:
    await check(world, {**given_to_json(config), "runtime": "PYTHON"})


@quickly
@given(config=st.dictionaries(FIELDS, JSON, max_size=4))
async def test_values_of_any_type(world: Any, config: dict[str, Any]) -> None:
    await check(world, config)


async def check(world: Any, config: dict[str, Any]) -> None:
    world.functions.by_name.clear()
    response = await world.register(**config)
    if response.status_code == 204:
        assert (await world.client.get(world.url)).status_code == 200
        assert (await world.update(parallelism=77)).status_code == 204
    else:
        assert response.status_code == 400
        assert response.json()["reason"]
