"""Keys of userConfig that look like the instance's own and do nothing."""

from pulsemill_instance.own_settings import ineffective_own_settings


def test_known_keys_and_those_of_the_user_need_no_word() -> None:
    config = {"pulsemill.concurrency": 2, "pulsemill.order": "key", "pulsemill.callTimeoutSeconds": 1, "mine": 5}
    config["pulsemill.handoverSeconds"] = 3
    assert list(ineffective_own_settings(config, windowed=False)) == []


def test_an_unknown_key_is_named_with_the_nearest() -> None:
    (sentence,) = ineffective_own_settings({"pulsemill.concurency": 2}, windowed=False)
    assert sentence.endswith("no setting of the instance; did you mean pulsemill.concurrency?")


def test_windows_are_taken_one_at_a_time() -> None:
    (sentence,) = ineffective_own_settings({"pulsemill.concurrency": 2}, windowed=True)
    assert "no effect" in sentence
