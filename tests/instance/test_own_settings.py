"""Keys of userConfig that look like the instance's own and do nothing."""

import json

from pulsemill_instance.own_settings import ineffective_own_settings
from pulsemill_instance.proto.Function_pb2 import EFFECTIVELY_ONCE, FunctionDetails

PLAIN = FunctionDetails(parallelism=1)
ORDERED = FunctionDetails(parallelism=1, processingGuarantees=EFFECTIVELY_ONCE)
WINDOWED = FunctionDetails(userConfig=json.dumps({"__WINDOWCONFIGS__": {"windowLengthCount": 5}}))


def test_known_keys_and_those_of_the_user_need_no_word() -> None:
    config = {"pulsemill.concurrency": 2, "pulsemill.order": "key", "pulsemill.callTimeoutSeconds": 1, "mine": 5}
    config["pulsemill.handoverSeconds"] = 3
    assert list(ineffective_own_settings(config, ORDERED)) == []


def test_an_unknown_key_is_named_with_the_nearest() -> None:
    (sentence,) = ineffective_own_settings({"pulsemill.concurency": 2}, PLAIN)
    assert sentence.endswith("no setting of the instance; did you mean pulsemill.concurrency?")


def test_windows_are_taken_one_at_a_time() -> None:
    (sentence,) = ineffective_own_settings({"pulsemill.concurrency": 2}, WINDOWED)
    assert "no effect" in sentence


def test_the_wait_at_a_handover_is_for_those_who_look_at_it() -> None:
    (sentence,) = ineffective_own_settings({"pulsemill.handoverSeconds": 3}, PLAIN)
    assert "pulsemill.handoverSeconds has no effect" in sentence
