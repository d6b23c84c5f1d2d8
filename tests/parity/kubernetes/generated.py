"""Functions, sources and sinks that nobody thought of, the same ones in every run."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from tests.parity.kubernetes.configurations import Configuration

TENANTS: Final = {"public": ("default",), "Acme_Co": ("Team_1", "x-y")}
EXAMPLES: Final = "org.apache.pulsar.functions.api.examples"
_TEXTS: Final = ("x", "it's", "a<b>&c=d", "grüße 🎉", 'with "quotes" and \\', "{}", "line\nbreak\ttab")


@attrs.frozen
class Submission:
    """What is sent to register a component: its part's name and JSON, and the file as it is called and where it is.

    `transform` is what the transform function is that a sink names.
    """

    kind: str
    config: dict[str, Any]
    file_name: str
    file: Path
    transform: Path | None = None

    @property
    def path(self) -> str:
        """Where it is registered."""
        plural = {"function": "functions", "source": "sources", "sink": "sinks"}[self.kind]
        return f"/admin/v3/{plural}/{self.config['tenant']}/{self.config['namespace']}/{self.config['name']}"


@attrs.frozen
class Packages:
    """Packages of every language; only those of Java are looked into."""

    jar: Path
    nar: Path
    other: Path


def submissions(configuration: Configuration, packages: Packages) -> Iterator[Submission]:
    """Without end."""
    chance = random.Random(configuration.name)  # noqa: S311 no secret
    index = 0
    while True:
        yield _Maker(chance, configuration, packages, index).submission()
        index += 1


@attrs.frozen
class _Maker:
    chance: random.Random
    configuration: Configuration
    packages: Packages
    index: int

    def submission(self) -> Submission:
        kind = self.chance.choices(("python", "java", "go", "source", "sink"), (5, 5, 3, 1, 1))[0]
        made: Submission = getattr(self, f"_{kind}")()
        return made

    def _python(self) -> Submission:
        config = {"runtime": "PYTHON", "py": "exclaim.py", "className": self._one("exclaim.Exclaim", "mod.sub.F", "F")}
        name = self._one("exclaim.py", "my code & more.py", "a(1).py", "pack-1.0.whl")
        return Submission("function", self._function(config), name, self.packages.other)

    def _java(self) -> Submission:
        name = self._one("ExclamationFunction", "JavaNativeExclamationFunction", "VoidFunction", "UserConfigFunction")
        config = {"runtime": "JAVA", "jar": "x.jar", "className": f"{EXAMPLES}.{name}"}
        return Submission("function", self._function(config), "api-examples.jar", self.packages.jar)

    def _go(self) -> Submission:
        config = self._function({"runtime": "GO", "go": "exclaim"})
        return Submission("function", config, self._one("exclaim", "my-func.v1"), self.packages.other)

    def _source(self) -> Submission:
        config = self._common() | {"topicName": self._topic("out"), "configs": {"a": self._text()}}
        config |= self._maybe("schemaType", "json", "STRING") | self._maybe("batchBuilder", "KEY_BASED")
        return Submission("source", config, "data-generator.nar", self.packages.nar)

    def _sink(self) -> Submission:
        config = self._common() | {"inputs": [self._topic("in")], "configs": {"b": self._text()}}
        config |= self._maybe("sourceSubscriptionName", "sub", "s b") | self._maybe("autoAck", True, False)
        config |= self._maybe("sourceSubscriptionPosition", "Earliest", "Latest")
        config |= self._maybe("maxMessageRetries", 3) | self._maybe("timeoutMs", 2000)
        return Submission("sink", config, "data-generator.nar", self.packages.nar)

    def _function(self, language: dict[str, Any]) -> dict[str, Any]:
        config = self._common() | language | self._inputs()
        config |= self._maybe("output", self._topic("out")) | self._maybe("logTopic", self._topic("log"))
        config |= self._maybe("outputSchemaType", "STRING", "json") | self._maybe("autoAck", True)
        config |= self._maybe("subName", "sub", "my sub") | self._maybe("subscriptionPosition", "Earliest", "Latest")
        config |= self._maybe("cleanupSubscription", True, False) | self._maybe("timeoutMs", 10000)
        config |= self._maybe("forwardSourceMessageProperty", True, False)
        config |= self._maybe("retainOrdering", True) | self._maybe("retainKeyOrdering", True)
        config |= self._maybe("userConfig", {"text": self._text(), "deep": {"b": True, "f": 1.5, "l": [self._text()]}})
        config |= self._maybe("producerConfig", {"maxPendingMessages": 10, "compressionType": "ZSTD"})
        config |= self._maybe("batchBuilder", "KEY_BASED")
        if language["runtime"] == "JAVA" and self.chance.random() < 0.3:
            config |= {"maxMessageRetries": 2} | self._maybe("deadLetterTopic", self._topic("dead"))
        return config

    def _common(self) -> dict[str, Any]:
        tenant = self._one(*TENANTS)
        name = f"{self._one('exclaim', 'My_Func', 'a-b', 'Größe')}-{self.configuration.mark}{self.index}"
        config = {"tenant": tenant, "namespace": self._one(*TENANTS[tenant]), "name": name}
        config |= {"parallelism": self._one(1, 2, 7)}
        config |= self._maybe("processingGuarantees", "ATLEAST_ONCE", "ATMOST_ONCE", "EFFECTIVELY_ONCE")
        config |= self._maybe("resources", self._resources())
        config |= self._maybe("runtimeFlags", "-Da=b", '-Dname="two words" -X', "-a  -b ")
        if self.configuration.secrets:
            config |= self._maybe(
                "secrets", {"PASSWORD": {"path": "my-secret", "key": "k"}, "B": {"path": "b", "key": "c"}}
            )
        if self.configuration.options:
            config |= self._maybe("customRuntimeOptions", json.dumps(self._options()))
        return config

    def _inputs(self) -> dict[str, Any]:
        if self.chance.random() < 0.3:
            spec = self._maybe("schemaType", "json", "STRING") | self._maybe("receiverQueueSize", 5, 0)
            spec |= self._maybe("consumerProperties", {"a": "b"}) | self._maybe("poolMessages", True)
            return {"inputSpecs": {self._topic("in"): spec}}
        if self.chance.random() < 0.2:
            return {"topicsPattern": "persistent://public/default/in-.*"}
        return {"inputs": [self._topic("in") for _ in range(self._one(1, 1, 2, 3))]}

    def _resources(self) -> dict[str, Any]:
        return {
            "cpu": self._one(0.1, 0.25, 0.3333, 1.0, 1.0005, 2.0, 1000.0, 0.0004),
            "ram": self._one(1073741824, 1000000000, 1500000, 536870913, 1, 2**33),
            "disk": self._one(1, 10737418240),
        }

    def _options(self) -> dict[str, Any]:
        return (
            self._maybe("jobName", "own-job", "Own_Job")
            | self._maybe("extraLabels", {"team": "own", "more": "x"})
            | self._maybe("extraAnnotations", {"example.org/a": "own"})
            | self._maybe("nodeSelectorLabels", {"zone": "a"})
            | self._maybe(
                "tolerations", [{"key": "own", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}]
            )
            | self._amounts()
        )

    def _amounts(self) -> dict[str, Any]:
        """None where the worker has some: upstream writes a function's into the worker's, for all later functions."""
        if "resourceRequirements" in self.configuration.settings.get("runtimeCustomizerConfig", {}):
            return {}
        amounts = {"requests": {"memory": "1"}, "limits": {"cpu": "2000", "memory": "16Gi"}}
        return self._maybe("resourceRequirements", amounts)

    def _topic(self, name: str) -> str:
        return self._one(
            name, f"{name}-{self.index}", f"persistent://public/default/{name}&x=1", f"public/default/{name}"
        )

    def _text(self) -> str:
        return self._one(*_TEXTS)

    def _one(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def _maybe(self, key: str, *values: Any) -> dict[str, Any]:
        return {key: self._one(*values)} if self.chance.random() < 0.4 else {}
