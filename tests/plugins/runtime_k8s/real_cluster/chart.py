"""The objects of the component `function_worker` in Pulsar's official Helm chart, for a release named `pulsar`.

Chart 4.7.0, templates/function-worker-*: its names, variables, commands and rights; our values. The broker, which is
no part of it here, is a Service without a selector.
"""

from collections.abc import Iterator
from typing import Any, Final

import attrs

from tests.plugins.runtime_k8s.real_cluster.chart_security import (
    AUTHORITIES,
    BUNDLE,
    HTTPS,
    JWT,
    LABELS,
    MOUNTS,
    TLS,
    TOKEN_MOUNTS,
    TOKEN_VOLUMES,
    VOLUMES,
    Certificates,
    Tokens,
    certificate_objects,
    chart_object,
    token_objects,
)
from tests.rig.broker import Broker

NAME: Final = "pulsar-function-worker"
HEADLESS: Final = f"{NAME}-headless"
BROKER: Final = "pulsar-broker"
KUBERNETES: Final = "org.apache.pulsar.functions.runtime.kubernetes.KubernetesRuntimeFactory"
HTTP: Final = 6750
BROKER_PLAIN: Final = (f"pulsar://{BROKER}:6650/", f"http://{BROKER}:8080/")
BROKER_TLS: Final = (f"pulsar+ssl://{BROKER}:6651/", f"https://{BROKER}:8443/")


@attrs.frozen
class Chart:
    """The chart's values.

    With `certificates`, TLS of broker, worker and instances is on, with an authority of the user's beside the chart's;
    with `tokens`, authentication by tokens of a secret key, which the worker may keep if the user has added a Role.
    """

    namespace: str
    broker: Broker
    worker_image: str
    function_image: str
    certificates: Certificates | None = None
    tokens: Tokens | None = None
    with_role: bool = False

    def manifests(self) -> Iterator[dict[str, Any]]:
        """In the order in which Helm installs them."""
        if self.certificates:
            yield from certificate_objects(self.certificates)
        if self.tokens:
            yield from token_objects(self.tokens)
        yield chart_object("v1", "ConfigMap", NAME, data=self.variables())
        yield from _rights(self.namespace)
        if self.with_role:
            yield from _role(self.namespace, f"{NAME}-tokens", [KEEPING_TOKENS])
        yield from self._broker()
        yield chart_object("v1", "Service", NAME, spec=self._service())
        yield chart_object("v1", "Service", HEADLESS, spec=self._service() | HEADLESSLY)
        yield chart_object("apps/v1", "StatefulSet", NAME, spec=self._stateful_set())

    def variables(self) -> dict[str, str]:
        """The ConfigMap behind `envFrom`: each PF_ variable, and those of a Java virtual machine."""
        scheme, port = ("https", HTTPS) if self.certificates else ("http", HTTP)
        service_url, web_service_url = BROKER_TLS if self.certificates else BROKER_PLAIN
        factory = {
            "pulsarRootDir": "/pulsar",
            "pulsarDockerImageName": self.function_image,
            "imagePullPolicy": "IfNotPresent",
            "submittingInsidePod": "true",
            "installUserCodeDependencies": "true",
            "jobNamespace": self.namespace,
            "expectedMetricsCollectionInterval": "30",
            "pulsarAdminUrl": f"{scheme}://{NAME}:{port}/",
            "pulsarServiceUrl": service_url,
        }
        sections = ("functionRuntimeFactoryConfigs", "kubernetesContainerFactory")
        return {
            "PF_pulsarFunctionsCluster": "standalone",
            "PF_workerPort": str(HTTP),
            "PF_numFunctionPackageReplicas": "1",
            "PF_connectorsDirectory": "./connectors",
            "PF_pulsarServiceUrl": service_url,
            "PF_pulsarWebServiceUrl": web_service_url,
            "PF_functionRuntimeFactoryClassName": KUBERNETES,
            "PF_containerFactory": "k8s",
            **{f"PF_{section}_{key}": value for section in sections for key, value in factory.items()},
            **(TLS if self.certificates else {}),
            **(JWT if self.tokens else {}),
            "PULSAR_MEM": "-Xms128m -Xmx256m -XX:MaxDirectMemorySize=256m\n",
            "PULSAR_GC": "-XX:+UseG1GC\n",
            # function_worker.configData, by which users add to all that
            "PF_pulsarFunctionsNamespace": f"public/{self.namespace}",
            "PF_functionInstanceMinResources_cpu": "0.2",
            "PF_functionInstanceMinResources_ram": "134217728",
            "PF_functionInstanceMinResources_disk": "134217728",
        }

    def _stateful_set(self) -> dict[str, Any]:
        return {
            "serviceName": HEADLESS,
            "replicas": 1,
            "selector": {"matchLabels": LABELS},
            "podManagementPolicy": "Parallel",
            "template": {"metadata": {"labels": LABELS}, "spec": self._pod()},
        }

    def _pod(self) -> dict[str, Any]:
        probe = {"tcpSocket": {"port": HTTP}, "periodSeconds": 2, "timeoutSeconds": 5, "failureThreshold": 100}
        wait = f"until nslookup {BROKER}; do echo 'waiting for broker {BROKER}'; sleep 3; done;"
        combine = f"bin/certs-combine-pem.sh {BUNDLE} {AUTHORITIES}"
        waiting = self._container("wait-broker-ready", ["timeout", "120", "sh", "-c"], wait)
        combining = self._container("cacerts", ["sh", "-c"], combine)
        worker = self._container(NAME, ["sh", "-c"], self._start()) | {
            "livenessProbe": probe,
            "readinessProbe": probe,
            "resources": {"requests": {"memory": "256Mi", "cpu": 0.2}},
            "ports": [{"name": each["name"], "containerPort": each["port"]} for each in self._service()["ports"]],
            "envFrom": [{"configMapRef": {"name": NAME}}],
        }
        if self.tokens:
            worker["volumeMounts"] = [*worker["volumeMounts"], *TOKEN_MOUNTS]
        return {
            "serviceAccountName": ACCOUNT,
            "terminationGracePeriodSeconds": 30,
            "initContainers": [combining, waiting] if self.certificates else [waiting],
            "containers": [worker],
            "volumes": [*(VOLUMES if self.certificates else []), *(TOKEN_VOLUMES if self.tokens else [])],
        }

    def _container(self, name: str, command: list[str], script: str) -> dict[str, Any]:
        mounts = MOUNTS if self.certificates and name != "wait-broker-ready" else []
        image = {"image": self.worker_image, "imagePullPolicy": "IfNotPresent"}
        return {"name": name, **image, "command": command, "args": [script], "volumeMounts": mounts}

    def _start(self) -> str:
        keep = f"/pulsar/bin/certs-combine-pem-infinity.sh {BUNDLE} {AUTHORITIES}"
        combining = f"cd /pulsar/certs/cacerts; nohup {keep} > {BUNDLE}.log 2>&1 &\ncd /pulsar;\n"
        return (combining if self.certificates else "") + START

    def _service(self) -> dict[str, Any]:
        ports = [{"name": "http", "port": HTTP}, *([{"name": "https", "port": HTTPS}] if self.certificates else [])]
        return {"ports": ports, "selector": LABELS}

    def _broker(self) -> Iterator[dict[str, Any]]:
        """The test's broker listens on other ports than the chart's, elsewhere."""
        settings = self.broker.settings
        ports = {
            "pulsar": (6650, self.broker.ports.broker),
            "http": (8080, self.broker.ports.web),
            "pulsarssl": (6651, int(settings["brokerServicePortTls"])),
            "https": (8443, int(settings["webServicePortTls"])),
        }
        listed = [{"name": name, "port": port, "targetPort": target} for name, (port, target) in ports.items()]
        yield chart_object("v1", "Service", BROKER, spec={"ports": listed})
        behind = [{"name": name, "port": target} for name, (_, target) in ports.items()]
        labels = {"kubernetes.io/service-name": BROKER}
        yield chart_object(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            BROKER,
            labels,
            addressType="IPv4",
            ports=behind,
            endpoints=[{"addresses": [self.broker.address]}],
        )


ACCOUNT: Final = f"{NAME}-acct"
KEEPING_TOKENS: Final = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "get", "list", "delete"]}
"""What the worker's log tells to add."""
HEADLESSLY: Final = {"clusterIP": "None", "publishNotReadyAddresses": True}
START: Final = """export PF_workerId="$(hostname)";
export PF_workerHostname="$(hostname -f)";
bin/gen-yml-from-env.py conf/functions_worker.yml;
cat conf/pulsar_env.sh;
OPTS="${OPTS} -Dlog4j2.formatMsgNoLookups=true" exec bin/pulsar functions-worker;
"""


def _rights(namespace: str) -> Iterator[dict[str, Any]]:
    """The chart's own, which let nobody read events and secrets."""
    yield chart_object("v1", "ServiceAccount", ACCOUNT)
    core = {"apiGroups": [""], "resources": ["services", "configmaps", "pods"], "verbs": ["*"]}
    apps = {"apiGroups": ["apps"], "resources": ["statefulsets"], "verbs": ["*"]}
    yield from _role(namespace, f"{NAME}-role", [core, apps])


def _role(namespace: str, name: str, rules: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A Role, bound to the worker."""
    rbac = "rbac.authorization.k8s.io"
    yield chart_object(f"{rbac}/v1", "Role", name, rules=rules)
    role = {"apiGroup": rbac, "kind": "Role", "name": name}
    subjects = [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}]
    yield chart_object(f"{rbac}/v1", "RoleBinding", f"{name}binding", roleRef=role, subjects=subjects)
