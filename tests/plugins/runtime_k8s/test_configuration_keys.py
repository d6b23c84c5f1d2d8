"""Every key of functionRuntimeFactoryConfigs, and those of functions_worker.yml that reach pods, does what it says."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from pulsemill.config.keys import key_name
from pulsemill.config.structuring import StructuringError, structure
from pulsemill.runtime import AuthenticationConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.config import KubernetesRuntimeFactoryConfig
from pulsemill_runtime_k8s.manifests import ObjectPlan
from pulsemill_runtime_k8s.settings import Settings

Plan = Callable[..., ObjectPlan]
Keys = Callable[..., Settings]
Details = Callable[..., FunctionDetails]

UPSTREAM = {
    *("k8Uri", "submittingInsidePod", "jobNamespace", "jobName", "pulsarDockerImageName", "functionDockerImages"),
    *("imagePullPolicy", "pulsarRootDir", "configAdminCLI", "pulsarServiceUrl", "pulsarAdminUrl"),
    *("installUserCodeDependencies", "pythonDependencyRepository", "pythonExtraDependencyRepository"),
    *("extraFunctionDependenciesDir", "customLabels", "expectedMetricsCollectionInterval", "changeConfigMap"),
    *("changeConfigMapNamespace", "percentMemoryPadding", "cpuOverCommitRatio", "memoryOverCommitRatio", "grpcPort"),
    *("metricsPort", "narExtractionDirectory", "functionInstanceClassPath", "gracePeriodSeconds"),
    "kubernetesFunctionAuthProviderConfig",
}


def pod(plan: ObjectPlan) -> Any:
    return plan.stateful_set["spec"]["template"]["spec"]


def container(plan: ObjectPlan) -> Any:
    return pod(plan)["containers"][0]


def words(plan: ObjectPlan) -> list[str]:
    return str(container(plan)["command"][2]).split(" ")


def after(plan: ObjectPlan, option: str) -> str:
    line = words(plan)
    return line[line.index(option) + 1]


def test_every_key_of_upstreams_is_known() -> None:
    known = {key_name(field) for field in attrs.fields(KubernetesRuntimeFactoryConfig)}
    assert known == UPSTREAM | {"pulsemill"}


@pytest.mark.parametrize(
    ("key", "attribute"),
    [
        ("k8Uri", "k8_uri"),
        ("changeConfigMap", "change_config_map"),
        ("changeConfigMapNamespace", "change_config_map_namespace"),
    ],
)
def test_texts_for_the_connection_are_handed_on(key: str, attribute: str, new_settings: Keys) -> None:
    assert getattr(new_settings(**{key: "x"}), attribute) == "x"


def test_submitting_inside_pod(new_settings: Keys) -> None:
    assert new_settings(submittingInsidePod="true").submitting_inside_pod
    assert not new_settings(submittingInsidePod="").submitting_inside_pod


def test_job_namespace(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(jobNamespace="functions"))
    assert plan.namespace == "functions"
    assert {each["metadata"]["namespace"] for each in (plan.service, plan.stateful_set)} == {"functions"}


def test_job_name(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(jobName="My_Job"))
    assert plan.name == plan.stateful_set["spec"]["serviceName"] == plan.service["metadata"]["name"]
    assert plan.name == "my-job-1203aeaf"


def test_pulsar_docker_image_name(new_plan: Plan, new_settings: Keys) -> None:
    assert container(new_plan(settings=new_settings(pulsarDockerImageName="mine:1")))["image"] == "mine:1"


def test_function_docker_images(new_plan: Plan, new_settings: Keys, new_details: Details) -> None:
    settings = new_settings(functionDockerImages={"PYTHON": "py:1"})
    assert container(new_plan(settings=settings))["image"] == "py:1"
    assert container(new_plan(new_details(FunctionDetails.GO), settings))["image"] == "apachepulsar/pulsar"


def test_image_pull_policy(new_plan: Plan, new_settings: Keys) -> None:
    assert container(new_plan(settings=new_settings(imagePullPolicy="Always")))["imagePullPolicy"] == "Always"


def test_pulsar_root_dir(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(pulsarRootDir="/opt/p"))
    assert words(plan)[0] == "/opt/p/bin/pulsar-admin"
    assert after(plan, "--py") == "/opt/p/exclaim.py"
    assert after(plan, "exec") == "python3"
    assert "/opt/p/instances/python-instance/python_instance_main.py" in words(plan)
    assert "PYTHONPATH=${PYTHONPATH}:/opt/p/instances/deps" in words(plan)
    assert after(plan, "--logging_config_file") == "/opt/p/conf/functions-logging/console_logging_config.ini"


def test_config_admin_cli(new_plan: Plan, new_settings: Keys) -> None:
    assert words(new_plan(settings=new_settings(configAdminCLI="-admin")))[0] == "/pulsar-admin"


def test_urls(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(pulsarServiceUrl="pulsar://b:1", pulsarAdminUrl="http://w:2"))
    assert after(plan, "--pulsar_serviceurl") == "pulsar://b:1"
    assert after(plan, "--admin-url") == "http://w:2"


def test_install_user_code_dependencies(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(
        settings=new_settings(
            installUserCodeDependencies=True,
            pythonDependencyRepository="http://one",
            pythonExtraDependencyRepository="http://two",
        )
    )
    line = words(plan)
    start = line.index("--install_usercode_dependencies")
    assert line[start : start + 7] == [
        *("--install_usercode_dependencies", "True"),
        *("--dependency_repository", "http://one"),
        *("--extra_dependency_repository", "http://two"),
        "--instance_id",
    ]


@pytest.mark.parametrize(("given", "path"), [("lib/more", "/pulsar/lib/more"), ("/more", "/more")])
def test_extra_function_dependencies_dir(
    given: str, path: str, new_plan: Plan, new_settings: Keys, new_details: Details
) -> None:
    settings = new_settings(extraFunctionDependenciesDir=given)
    assert f"PYTHONPATH=${{PYTHONPATH}}:{path}" in words(new_plan(settings=settings))
    java = words(new_plan(new_details(FunctionDetails.JAVA), settings))
    assert f"/pulsar/instances/java-instance.jar:{path}/*" in java
    assert f"-Dpulsar.functions.extra.dependencies.dir={path}" in java


def test_custom_labels(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(customLabels={"Team": "_Data x", "component": "fn"}))
    spec = plan.stateful_set["spec"]
    labels = {"component": "fn", "tenant": "acme", "namespace": "ns", "name": "exclaim", "Team": "0data-x"}
    assert plan.stateful_set["metadata"]["labels"] == plan.service["metadata"]["labels"] == labels
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == labels
    assert plan.service["spec"]["selector"] == labels


def test_percent_memory_padding_is_for_the_container_alone(
    new_plan: Plan, new_settings: Keys, new_details: Details
) -> None:
    plan = new_plan(new_details(FunctionDetails.JAVA), new_settings(percentMemoryPadding=10))
    resources = container(plan)["resources"]
    assert resources["limits"]["memory"] == resources["requests"]["memory"] == "1181116006"
    assert "-Xmx1073741824" in words(plan)


def test_over_commit_ratios(new_plan: Plan, new_settings: Keys) -> None:
    settings = new_settings(percentMemoryPadding="10", cpuOverCommitRatio="3", memoryOverCommitRatio=1.3)
    assert container(new_plan(settings=settings))["resources"] == {
        "limits": {"cpu": "500m", "memory": "1181116006"},
        "requests": {"cpu": "167m", "memory": "908550773"},
    }


def test_grpc_port(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(grpcPort="4000"))
    assert after(plan, "--port") == "4000"
    assert container(plan)["ports"][0] == {"name": "grpc", "containerPort": 4000}
    assert plan.service["spec"]["ports"] == [{"name": "grpc", "port": 4000, "protocol": "TCP"}]


def test_metrics_port(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(metricsPort=4001))
    assert after(plan, "--metrics_port") == "4001"
    assert container(plan)["ports"][1] == {"name": "prometheus", "containerPort": 4001}
    assert plan.stateful_set["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == "4001"


def test_without_metrics_port_there_is_nothing_to_scrape(new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(metricsPort=0))
    assert [port["name"] for port in container(plan)["ports"]] == ["grpc"]
    assert "annotations" not in plan.stateful_set["spec"]["template"]["metadata"]


def test_nar_extraction_directory(new_plan: Plan, new_settings: Keys, new_details: Details) -> None:
    java = new_details(FunctionDetails.JAVA)
    assert after(new_plan(java, new_settings(narExtractionDirectory="/n")), "--nar_extraction_directory") == "/n"
    assert "--nar_extraction_directory" not in words(new_plan(java, new_settings(narExtractionDirectory="")))


def test_function_instance_class_path(new_plan: Plan, new_settings: Keys, new_details: Details) -> None:
    settings = new_settings(functionInstanceClassPath="/a:/b/*")
    line = words(new_plan(new_details(FunctionDetails.JAVA), settings))
    assert "-Dpulsar.functions.instance.classpath=/a:/b/*" in line


def test_grace_period_seconds_is_for_deletion_alone(new_plan: Plan, new_settings: Keys) -> None:
    settings = new_settings(gracePeriodSeconds=30)
    assert settings.grace_period_seconds == 30
    assert new_plan(settings=settings) == new_plan()


@pytest.mark.parametrize(
    ("given", "path"), [("download/functions", "/pulsar/download/functions"), ("/d", "/d"), ("", "/pulsar")]
)
def test_download_directory(given: str, path: str, new_plan: Plan, new_settings: Keys) -> None:
    plan = new_plan(settings=new_settings(worker={"downloadDirectory": given}))
    assert after(plan, "--destination-file") == after(plan, "--py") == f"{path}/exclaim.py"


def test_state_storage_service_url(new_plan: Plan, new_settings: Keys) -> None:
    with_state = new_settings(worker={"stateStorageServiceUrl": "bk://bookie:4181"})
    assert after(new_plan(settings=with_state), "--state_storage_serviceurl") == "bk://bookie:4181"
    file = new_settings(worker={"stateStorageServiceUrl": "sqlite:///data/state.db"})
    assert "--state_storage_serviceurl" not in words(new_plan(settings=file))


def test_additional_java_runtime_arguments(new_plan: Plan, new_settings: Keys, new_details: Details) -> None:
    settings = new_settings(worker={"additionalJavaRuntimeArguments": ["-XX:+ExitOnOutOfMemoryError"]})
    line = words(new_plan(new_details(FunctionDetails.JAVA, runtimeFlags="-Da=b"), settings))
    start = line.index("-XX:+ExitOnOutOfMemoryError")
    assert line[start + 1 : start + 3] == ["-Da=b", "-Xmx1073741824"]


def test_authentication(new_plan: Plan) -> None:
    config = AuthenticationConfig(
        client_authentication_plugin="org.x.Token",
        client_authentication_parameters="file:///etc/auth/token",
        use_tls=True,
        tls_trust_certs_file_path="/etc/auth/ca.pem",
        tls_allow_insecure_connection=True,
        tls_hostname_verification_enable=True,
    )
    line = words(new_plan(authentication=config))
    assert line[: line.index("functions")] == [
        *("/pulsar/bin/pulsar-admin", "--admin-url", "http://broker.pulsar:8080"),
        *("--auth-plugin", "org.x.Token", "--auth-params", "file:///etc/auth/token"),
        *("--tls-allow-insecure", "--tls-enable-hostname-verification", "--tls-trust-cert-path", "/etc/auth/ca.pem"),
    ]
    start = line.index("--client_auth_plugin")
    assert line[start : line.index("--max_buffered_tuples")] == [
        *("--client_auth_plugin", "org.x.Token", "--client_auth_params", "file:///etc/auth/token"),
        *("--use_tls", "true", "--tls_allow_insecure", "true", "--hostname_verification_enabled", "true"),
        *("--tls_trust_cert_path", "/etc/auth/ca.pem"),
    ]


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ({"grpcPort": 0}, "grpcPort"),
        ({"metricsPort": 70000}, "metricsPort"),
        ({"grpcPort": "abc"}, "grpcPort"),
        ({"metricsPort": 9093}, "metricsPort"),
        ({"grpcPort": 9094}, "metricsPort"),
        ({"cpuOverCommitRatio": 0}, "cpuOverCommitRatio"),
        ({"cpuOverCommitRatio": 0.5}, "cpuOverCommitRatio"),
        ({"memoryOverCommitRatio": "0.99"}, "memoryOverCommitRatio"),
        ({"memoryOverCommitRatio": float("nan")}, "memoryOverCommitRatio"),
        ({"percentMemoryPadding": -1}, "percentMemoryPadding"),
        ({"imagePullPolicy": "Sometimes"}, "imagePullPolicy"),
        ({"functionDockerImages": {"python": "x"}}, "functionDockerImages"),
        ({"customLabels": {"tenant": "x"}}, "customLabels"),
        ({"customLabels": {"a b": "x"}}, "customLabels"),
        ({"jobNamespace": "My_Functions"}, "jobNamespace"),
        ({"jobName": "1st"}, "jobName"),
        ({"jobName": "j" * 50}, "jobName"),
        ({"changeConfigMap": "Changes"}, "changeConfigMap"),
        ({"changeConfigMapNamespace": "a.b"}, "changeConfigMapNamespace"),
        ({"pulsemill": {"statusAccess": "x"}}, "pulsemill.statusAccess"),
        (
            {"pulsemill": {"brokerClientTrustCertsSecretName": "Broker_CA"}},
            "pulsemill.brokerClientTrustCertsSecretName",
        ),
        (
            {"pulsemill": {"brokerClientTrustCertsSecretName": "broker..ca"}},
            "pulsemill.brokerClientTrustCertsSecretName",
        ),
    ],
)
def test_what_cannot_work_is_refused_when_the_worker_starts(keys: dict[str, Any], path: str) -> None:
    with pytest.raises(StructuringError) as caught:
        structure(keys, KubernetesRuntimeFactoryConfig)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_a_name_that_kubernetes_does_not_take_is_told_with_what_it_takes() -> None:
    with pytest.raises(StructuringError, match=r"jobNamespace.*expected the name of a namespace, got 'My_Functions'"):
        structure({"jobNamespace": "My_Functions"}, KubernetesRuntimeFactoryConfig)


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_text_is_none(empty: str | None, new_settings: Keys) -> None:
    texts = (
        *("jobNamespace", "jobName", "pulsarDockerImageName", "imagePullPolicy", "pulsarRootDir", "configAdminCLI"),
        *("pulsarServiceUrl", "pulsarAdminUrl", "extraFunctionDependenciesDir", "functionInstanceClassPath"),
    )
    assert new_settings(**dict.fromkeys(texts, empty)) == new_settings()
