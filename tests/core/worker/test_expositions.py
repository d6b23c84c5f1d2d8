"""Several expositions as one."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pulsemill.worker.expositions import merge, without_process

names = st.sampled_from(["a_total", "b", "c_ms"])
texts = st.lists(
    st.tuples(names, st.integers(0, 9)).map(lambda one: f'# TYPE {one[0]} gauge\n{one[0]}{{instance="{one[1]}"}} 1\n'),
    max_size=5,
).map("".join)


def test_a_family_of_two_instances_has_one_header_and_stands_together() -> None:
    one = '# HELP x_total X.\n# TYPE x_total counter\nx_total{i="1"} 1\n# TYPE y gauge\ny 1\n'
    two = '# HELP x_total Another text.\n# TYPE x_total counter\nx_total{i="2"} 2\n'
    assert merge([one, two]) == (
        '# HELP x_total X.\n# TYPE x_total counter\nx_total{i="1"} 1\nx_total{i="2"} 2\n# TYPE y gauge\ny 1\n'
    )


def test_the_parts_of_a_summary_stay_with_it() -> None:
    summary = '# TYPE t_ms summary\nt_ms{quantile="0.5"} 1\nt_ms_count 1\nt_ms_sum 1\n'
    merged = merge([summary, summary.replace("1\n", "2\n")])
    assert merged.count("# TYPE") == 1
    assert [line.split("{")[0].split()[0] for line in merged.splitlines()[1:]] == [
        "t_ms",
        "t_ms_count",
        "t_ms_sum",
        "t_ms",
        "t_ms_count",
        "t_ms_sum",
    ]


def test_samples_without_header_and_comments_do_no_harm() -> None:
    assert merge(["# a remark\n\nplain 1\n", "", "plain 2\n"]) == "plain 1\nplain 2\n"


def test_a_label_that_looks_like_a_header_is_data() -> None:
    text = 'x{error="# TYPE x counter"} 1\n'
    assert merge([text, text]) == text * 2


@given(st.lists(texts, max_size=4))
def test_every_sample_survives_and_every_type_is_told_once(expositions: list[str]) -> None:
    merged = merge(expositions)
    samples = [line for text in expositions for line in text.splitlines() if not line.startswith("#")]
    assert sorted(line for line in merged.splitlines() if not line.startswith("#")) == sorted(samples)
    types = [line for line in merged.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    assert len(list(text_string_to_metric_families(merged))) == len(types)


def test_what_instances_tell_of_their_processes_is_left_out() -> None:
    """What this process tells, and what a function tells under such a name."""
    own = "# TYPE process_orders_total counter\nprocess_orders_total 7.0\n"
    process = generate_latest(REGISTRY).decode()
    assert "python_info{" in process
    assert without_process(process + own) == own
