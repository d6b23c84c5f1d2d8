"""What bench/lifecycle.py prints; what it measures needs real servers and minutes."""

import pytest

from bench.harness.beside_broker import Contender
from bench.lifecycle import read_options, report

OURS, UPSTREAM = Contender(True, "thread"), Contender(False, "thread")


def test_the_report_compares_medians() -> None:
    values = {OURS: {"start, s": [1.0, 9.0, 2.0]}, UPSTREAM: {"start, s": [5.0, 6.0, 7.0]}}
    assert list(report(values, "thread")) == [
        "| thread runtime | ours (Python) | upstream (Java) | upstream / ours |",
        "|---|---|---|---|",
        "| start, s | 2.00 (1.00 to 9.00) | 6.00 (5.00 to 7.00) | 3.0 |",
    ]


def test_what_only_one_has_is_shown_without_a_ratio() -> None:
    values = {OURS: {"growth": [0.0]}, UPSTREAM: {"growth": [5.0], "instance": [7.0]}}
    assert list(report(values, "thread"))[2:] == [
        "| growth | 0.00 (0.00 to 0.00) | 5.00 (5.00 to 5.00) | - |",
        "| instance | - | 7.00 (7.00 to 7.00) | - |",
    ]


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--functions", "0", "--processes", "0"], ["--rounds", "x"]])
def test_nothing_to_measure_is_refused(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["lifecycle", *arguments])
    with pytest.raises(SystemExit) as ended:
        read_options()
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_runtime_without_functions_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["lifecycle", "--processes", "0", "--functions", "7"])
    assert read_options().many == {"thread": 7}
