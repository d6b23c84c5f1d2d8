import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.labels import component, label_value
from pulsemill_runtime_k8s.names import job_name, problem_of_job_name

LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@pytest.mark.parametrize(
    ("tenant", "namespace", "name", "override", "expected"),
    [
        ("acme", "ns", "exclaim", "", "pf-acme-ns-exclaim"),
        ("Acme_Co", "ns", "my_Func.v1", "", "pf-acme-co-ns-my-func.v1-3a110b81"),
        ("acme", "ns", "exclaim", "My_Job", "my-job-1203aeaf"),
    ],
)
def test_names_are_upstreams(tenant: str, namespace: str, name: str, override: str, expected: str) -> None:
    assert job_name(FunctionDetails(tenant=tenant, namespace=namespace, name=name), override) == expected


@given(names, names, names, st.just("") | names)
def test_an_admitted_name_is_one_that_the_api_server_takes(
    tenant: str, namespace: str, name: str, override: str
) -> None:
    job = job_name(FunctionDetails(tenant=tenant, namespace=namespace, name=name), override)
    if problem_of_job_name(job) is None:
        assert SERVICE_NAME.fullmatch(job)
        assert len(f"{job}-0123456789") <= 63  # pods, and the revisions' label


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a" * 52, None),
        ("a" * 53, "Kubernetes job name size should be less than 53"),
        ("pf-a.b", "Kubernetes only admits lower case and numbers. (jobName=pf-a.b)"),
        ("1-a", "Kubernetes only admits lower case and numbers. (jobName=1-a)"),
        ("pf-a-", "Kubernetes only admits lower case and numbers. (jobName=pf-a-)"),
    ],
)
def test_problems_are_told_in_upstreams_words(name: str, problem: str | None) -> None:
    assert problem_of_job_name(name) == problem


@pytest.mark.parametrize(
    ("text", "value"),
    [("_f:x=", "0f-x0"), ("My.Func", "my.func"), ("", ""), ("-", "0"), ("a" * 62 + "-b", "a" * 62 + "0")],
)
def test_label_values_are_cleaned(text: str, value: str) -> None:
    assert label_value(text) == value


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_label_values_are_those_that_the_api_server_takes(text: str) -> None:
    value = label_value(text)
    assert LABEL_VALUE.fullmatch(value)
    assert len(value) <= 63


def test_the_component_is_found_out_where_it_is_not_stored(new_details: Callable[..., FunctionDetails]) -> None:
    assert component(new_details(componentType=FunctionDetails.SINK)) == "sink"
    unknown = new_details(componentType=FunctionDetails.UNKNOWN)
    assert component(unknown) == "function"
    unknown.sink.className = "org.x.Sink"
    assert component(unknown) == "sink"
    unknown.source.inputSpecs.clear()
    assert component(unknown) == "source"
