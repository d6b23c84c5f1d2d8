"""Reading FunctionConfig JSON."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.functions.enums import (
    ProcessingGuarantees,
    ProducerCryptoFailureAction,
    Runtime,
    SubscriptionInitialPosition,
)
from pulsemill.functions.errors import InvalidFunctionConfigError
from pulsemill.functions.model import (
    ConsumerConfig,
    CryptoConfig,
    FunctionConfig,
    ProducerConfig,
    Resources,
    WindowConfig,
)
from pulsemill.functions.reading import read_function_config
from pulsemill.functions.writing import to_json

CRYPTO = CryptoConfig(
    crypto_key_reader_class_name="K",
    crypto_key_reader_config={"a": [1, {"b": None}]},
    encryption_keys=("k",),
    producer_crypto_failure_action=ProducerCryptoFailureAction.SEND,
)
EVERYTHING = FunctionConfig(
    runtime_flags="-X",
    tenant="t",
    namespace="n",
    name="f",
    class_name="m.C",
    inputs=("a",),
    custom_serde_inputs={"b": "S"},
    topics_pattern="t/n/.*",
    custom_schema_inputs={"c": "{}"},
    custom_schema_outputs={"o": "{}"},
    input_specs={
        "d": ConsumerConfig(schema_type="JSON", regex_pattern=True, crypto_config=CRYPTO, receiver_queue_size=0)
    },
    input_type_class_name="I",
    output="o",
    producer_config=ProducerConfig(max_pending_messages=1, use_thread_local_producers=True, crypto_config=CRYPTO),
    output_schema_type="JSON",
    output_type_class_name="O",
    output_serde_class_name="S",
    log_topic="l",
    processing_guarantees=ProcessingGuarantees.MANUAL,
    retain_ordering=True,
    retain_key_ordering=False,
    batch_builder="KEY_BASED",
    forward_source_message_property=False,
    user_config={"a": [1, 2.5, None, {"b": True}]},
    secrets={"s": {"path": "p", "key": "k"}},
    runtime=Runtime.JAVA,
    auto_ack=False,
    max_message_retries=0,
    dead_letter_topic="dl",
    sub_name="sub",
    parallelism=2,
    resources=Resources(cpu=0.5, ram=1, disk=2),
    fqfn="t/n/f",
    window_config=WindowConfig(window_length_count=3),
    timeout_ms=2**40,
    jar="j",
    py="p",
    go="g",
    function_type="x",
    cleanup_subscription=False,
    custom_runtime_options="{}",
    max_pending_async_requests=3,
    expose_pulsar_admin_client_enabled=True,
    skip_to_latest=True,
    subscription_position=SubscriptionInitialPosition.EARLIEST,
)


def test_every_field_is_read_and_written() -> None:
    assert not [field.name for field in attrs.fields(FunctionConfig) if getattr(EVERYTHING, field.name) is None]
    assert read_function_config(json.dumps(to_json(EVERYTHING))) == EVERYTHING


def test_nulls_are_absent_fields() -> None:
    nulls = dict.fromkeys(to_json(EVERYTHING))
    assert read_function_config(json.dumps(nulls)) == FunctionConfig()


@pytest.mark.parametrize("spelling", ["regexPattern", "isRegexPattern"])
def test_all_spellings_of_the_regex_flag(spelling: str) -> None:
    config = read_function_config(json.dumps({"inputSpecs": {"t": {spelling: True}}}))
    assert config.input_specs == {"t": ConsumerConfig(regex_pattern=True)}


def test_the_go_clients_spelling_of_serde_class_name() -> None:
    config = read_function_config('{"inputSpecs": {"t": {"serdeClassname": "S"}}}')
    assert config.input_specs == {"t": ConsumerConfig(serde_class_name="S")}


def test_two_spellings_may_agree_but_not_differ() -> None:
    read_function_config('{"inputSpecs": {"t": {"regexPattern": true, "isRegexPattern": true}}}')
    with pytest.raises(InvalidFunctionConfigError, match="given twice"):
        read_function_config('{"inputSpecs": {"t": {"regexPattern": true, "isRegexPattern": false}}}')


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"className": 5}', FunctionConfig(class_name="5")),
        ('{"inputs": [1.5, true]}', FunctionConfig(inputs=("1.5", "true"))),
        ('{"autoAck": 0, "skipToLatest": 7}', FunctionConfig(auto_ack=False, skip_to_latest=True)),
    ],
)
def test_strings_may_be_given_as_numbers_and_booleans_as_whole_numbers(text: str, read: FunctionConfig) -> None:
    assert read_function_config(text) == read


def test_numbers_and_booleans_may_be_spelt_as_strings() -> None:
    config = read_function_config(
        '{"parallelism": "3", "autoAck": "false", "resources": {"cpu": "0.5"}, "timeoutMs": 5.0}'
    )
    assert (config.parallelism, config.auto_ack, config.timeout_ms) == (3, False, 5)
    assert config.resources == Resources(cpu=0.5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "functionConfig is not valid JSON"),
        ("{", "functionConfig is not valid JSON"),
        ("[]", r"functionConfig: expected an object, not \[\]"),
        ("null", "functionConfig: expected an object, not null"),
        ("[" * 100_000, "nested more than 100 levels"),
        ('{"userConfig": {"a": NaN}}', "NaN is not a number that JSON can hold"),
        ('{"userConfig": {"a": 1e999}}', "1e999 is not a number that JSON can hold"),
        ('{"paralelism": 1}', "functionConfig has no field 'paralelism'; did you mean parallelism?"),
        ('{"topicName": "in"}', "functionConfig has no field 'topicName'; the topics to read are a list, inputs, or"),
        ('{"zzz": 1}', "functionConfig has no field 'zzz'$"),
        ('{"resources": {"memory": 1}}', "functionConfig.resources has no field 'memory'"),
        ('{"inputSpecs": {"t": {"shemaType": "x"}}}', r"functionConfig.inputSpecs\['t'\] has no field 'shemaType'"),
        ('{"runtime": "python"}', "'python' is not one of JAVA, PYTHON, GO; did you mean PYTHON?"),
        ('{"processingGuarantees": 1}', "functionConfig.processingGuarantees: 1 is not one of"),
        ('{"processingGuarantees": []}', "functionConfig.processingGuarantees: .. is not one of"),
        ('{"subscriptionPosition": "LATEST"}', "did you mean Latest"),
        ('{"parallelism": 1.5}', "functionConfig.parallelism: expected a whole number"),
        ('{"parallelism": true}', "functionConfig.parallelism: expected a whole number"),
        ('{"parallelism": 2147483648}', "from -2147483648 to 2147483647"),
        ('{"timeoutMs": 9223372036854775808}', "functionConfig.timeoutMs: expected a whole number"),
        ('{"autoAck": 1.0}', "functionConfig.autoAck: expected true or false, not 1.0"),
        ('{"className": []}', r"functionConfig.className: expected a string, not \[\]"),
        ('{"className": "\\ud800"}', "functionConfig holds text that UTF-8 cannot encode"),
        ('{"userConfig": {"a": ["\\udc00"]}}', "functionConfig holds text that UTF-8 cannot encode"),
        ('{"secrets": "hidden"}', "functionConfig.secrets: expected an object, not what was given$"),
        ('{"resources": {"cpu": 1' + "0" * 400 + "}}", "functionConfig.resources.cpu: expected a number"),
        ('{"userConfig": {"a": ' + "[" * 100 + "]" * 100 + "}}", "nested more than 100 levels"),
        ('{"inputs": "in"}', 'functionConfig.inputs: expected a list, not "in"'),
        ('{"inputs": [null]}', r"functionConfig.inputs\[0\]: expected a value"),
        ('{"inputSpecs": {"t": null}}', r"functionConfig.inputSpecs\['t'\]: expected a value"),
        ('{"userConfig": []}', "functionConfig.userConfig: expected an object"),
        ('{"resources": {"cpu": "x"}}', 'functionConfig.resources.cpu: expected a number, not "x"'),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    with pytest.raises(InvalidFunctionConfigError, match=reason):
        read_function_config(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(to_json(EVERYTHING))), JSON)
def test_any_value_of_any_field_is_read_or_refused_by_its_name(field: str, value: Any) -> None:
    reason = _refusal(json.dumps({field: value}))
    at_once = ("is not valid JSON", "holds text that UTF-8 cannot encode")
    assert reason is None or f"functionConfig.{field}" in reason or any(text in reason for text in at_once)


@given(st.binary())
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    reason = _refusal(text)
    assert reason is None or reason.startswith("functionConfig")


def _refusal(text: str | bytes) -> str | None:
    try:
        read_function_config(text)
    except InvalidFunctionConfigError as error:
        return str(error)
    return None
