"""What counts as a difference, and what excuses one."""

import re
from pathlib import Path

import pytest

from tests.parity.comparison import Difference, compare
from tests.parity.differences import WantedDifference, wanted_differences
from tests.parity.exchange import Answer
from tests.parity.masking import mask
from tests.parity.report import Report
from tests.parity.scenario import cases, lives

PAGE = Path(__file__).parents[2] / "docs/differences-from-upstream.md"


def parts(upstream: Answer, ours: Answer) -> list[str]:
    return [difference.part for difference in compare("question", upstream, ours)]


def test_equal_answers_do_not_differ() -> None:
    answer = Answer(200, {"content-type": "application/json"}, {"a": [1, {"b": None}]})
    assert parts(answer, answer) == []


def test_each_part_is_told() -> None:
    upstream = Answer(200, {"allow": "GET"}, {"a": [1, {"b": None}], "c": {}})
    ours = Answer(204, {"allow": "POST"}, {"a": [1, {"b": 0}], "c": []})
    assert parts(upstream, ours) == ["status", "header.allow", "body.a[1].b", "body.c"]


@pytest.mark.parametrize(("one", "other"), [(5, 5.0), (1, True), (None, ""), ({}, [])])
def test_types_count(one: object, other: object) -> None:
    assert parts(Answer(200, {}, {"a": one}), Answer(200, {}, {"a": other})) == ["body.a"]


def test_a_missing_field_is_no_null() -> None:
    assert parts(Answer(200, {}, {"a": None, "b": 1}), Answer(200, {}, {"b": 1})) == ["body.a"]


def test_order_and_case_of_headers_do_not_count() -> None:
    one = Answer(405, {"allow": "GET,POST", "content-type": "text/plain;charset=UTF-8"}, "")
    assert parts(one, Answer(405, {"allow": "POST, GET", "content-type": "text/plain; charset=utf-8"}, "")) == []


def test_only_what_runs_make_differ_is_masked() -> None:
    assert mask({"workerId": "w-1", "timestampMs": 5, "lastInvocation": None, "port": 0, "name": "f"}) == {
        "workerId": "<worker>",
        "timestampMs": "<time>",
        "lastInvocation": None,
        "port": 0,
        "name": "f",
    }


def test_of_a_traceback_its_last_line_counts() -> None:
    assert mask({"exceptionString": "Traceback:\n  File x\nValueError: no\n"}) == {"exceptionString": "ValueError: no"}


def test_the_order_of_names_does_not_count_but_that_of_instances_does() -> None:
    assert mask(["b", "a"]) == ["a", "b"]
    assert mask([{"instanceId": 1}, {"instanceId": 0}]) == [{"instanceId": 1}, {"instanceId": 0}]


def test_a_wanted_difference_excuses_only_what_it_describes() -> None:
    wanted = WantedDifference(
        row="r", why="w", source="s", questions=("q*",), parts=("body.a[0].*",), upstream="^1$", ours="^2$"
    )
    assert wanted.covers(Difference("q1", "body.a[0].b", 1, 2))
    assert not wanted.covers(Difference("q1", "body.a[0].b", 1, 3))
    assert not wanted.covers(Difference("q1", "body.a[1].b", 1, 2))
    assert not wanted.covers(Difference("p", "body.a[0].b", 1, 2))


def test_the_report_counts_questions() -> None:
    report = Report()
    report.add([])
    unwanted = report.add([Difference("q", "status", 200, 500), Difference("q", "body", "", "x")])
    assert len(unwanted) == 2
    assert str(report) == "requests compared 2, equal 1, wanted differences 0, unwanted differences 1"


def test_the_scenario_is_large_enough() -> None:
    assert sum(len(case.questions) for case in (*cases(), *lives())) >= 300


def test_names_of_cases_are_unique() -> None:
    names = [case.name for case in (*cases(), *lives())]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("wanted", wanted_differences(), ids=lambda wanted: wanted.row)
def test_every_wanted_difference_is_documented_with_its_reason(wanted: WantedDifference) -> None:
    rows = re.findall(r"^\| (.*?) \|", PAGE.read_text(), re.MULTILINE)
    assert any(row.startswith(wanted.row) for row in rows), f"docs/{PAGE.name} has no row that begins so"
    assert wanted.why
    assert wanted.source
