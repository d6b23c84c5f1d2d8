"""How far event time has come."""

from pulsemill_instance.windowing.watermarks import Watermarks


def test_it_is_unknown_until_every_input_had_a_message() -> None:
    watermarks = Watermarks(["a", "b"], 0)
    assert watermarks.watermark() is None
    watermarks.track("a", "a", 5)
    assert watermarks.watermark() is None
    watermarks.track("b", "b", 7)
    assert watermarks.watermark() == 5


def test_the_slowest_topic_counts_with_its_latest_time_less_the_lag() -> None:
    watermarks = Watermarks(["a.*"], 3)
    for topic, time in (("a1", 10), ("a2", 50), ("a1", 40), ("a1", 20)):
        watermarks.track("a.*", topic, time)
    assert watermarks.watermark() == 37
