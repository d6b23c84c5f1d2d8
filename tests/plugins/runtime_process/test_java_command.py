from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from pulsemill.auth import AuthenticationConfig
from pulsemill.errors import ConfigurationError
from pulsemill.runtime import FunctionPackage
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.config import Locations
from pulsemill_runtime_process.java_command import TOKEN_PLUGIN, java_command, private_token
from pulsemill_runtime_process.launch import Launch

LOCATIONS = Locations(
    log_directory=Path("/logs"),
    java_instance_jar=Path("/pulsar/instances/java-instance.jar"),
    java_logging_config="/pulsar/conf/functions_log4j2.xml",
    java_instance_classpath="/pulsar/lib/*",
)
DETAILS = (
    '\'{"tenant":"public","namespace":"default","name":"exclaim","className":"exclaim.Exclaim",'
    '"parallelism":1,"source":{"inputSpecs":{"persistent://public/default/in":{"schemaType":"string"}}},'
    '"sink":{"topic":"persistent://public/default/out"}}\''
)
JVM = [
    *("java", "-cp", "/pulsar/instances/java-instance.jar"),
    "-Dpulsar.functions.instance.classpath=/pulsar/lib/*",
    "-Dlog4j.configurationFile=/pulsar/conf/functions_log4j2.xml",
    "-Dpulsar.function.log.dir=/logs/functions/public/default/exclaim",
    "-Dpulsar.function.log.file=exclaim-0",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dorg.apache.pulsar.shade.io.netty.tryReflectionSetAccessible=true",
    "-Dio.grpc.netty.shaded.io.netty.tryReflectionSetAccessible=true",
    *("--add-opens", "java.base/java.nio=ALL-UNNAMED"),
    *("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED"),
    *("--add-opens", "java.base/java.util.zip=ALL-UNNAMED"),
]
OPTIONS = [
    "org.apache.pulsar.functions.instance.JavaInstanceMain",
    *("--jar", "/code/exclaim.jar"),
    *("--instance_id", "0"),
    *("--function_id", "11111111-1111-1111-1111-111111111111"),
    *("--function_version", "22222222-2222-2222-2222-222222222222"),
    *("--function_details", DETAILS),
    *("--pulsar_serviceurl", "pulsar://localhost:6650"),
    *("--max_buffered_tuples", "1024"),
    *("--port", "40001"),
    *("--metrics_port", "40002"),
    *("--pending_async_requests", "1000"),
    *("--expected_healthcheck_interval", "30"),
    *("--secrets_provider", "org.apache.pulsar.functions.secretsprovider.ClearTextSecretsProvider"),
    *("--cluster_name", "standalone"),
    *("--nar_extraction_directory", "/nars"),
]


@pytest.fixture
def java_launch(new_launch: Callable[..., Launch], new_details: Callable[..., FunctionDetails]) -> Launch:
    launch = new_launch(
        new_details(FunctionDetails.JAVA),
        code=Path("/code/exclaim.jar"),
        locations=LOCATIONS,
        secrets_provider="org.apache.pulsar.functions.secretsprovider.ClearTextSecretsProvider",
    )
    return attrs.evolve(launch, worker=attrs.evolve(launch.worker, nar_extraction_directory="/nars"))


def test_the_command_line_is_upstreams(java_launch: Launch) -> None:
    assert java_command(java_launch, "") == JVM + OPTIONS


def test_extra_dependencies_are_on_the_class_path_and_in_a_property(java_launch: Launch) -> None:
    locations = attrs.evolve(LOCATIONS, extra_dependencies=Path("/extra"))
    assert java_command(attrs.evolve(java_launch, locations=locations), "")[:4] == [
        *("java", "-cp", "/pulsar/instances/java-instance.jar:/extra/*"),
        "-Dpulsar.functions.extra.dependencies.dir=/extra",
    ]


def test_flags_stand_between_the_modules_and_the_class(java_launch: Launch) -> None:
    java_launch.details.runtimeFlags = '-Xms64m -Dname="two words"'
    java_launch.details.resources.ram = 1073741824
    worker = attrs.evolve(java_launch.worker, additional_java_runtime_arguments=("-XX:+ExitOnOutOfMemoryError",))
    command = java_command(attrs.evolve(java_launch, worker=worker), "")
    assert command[len(JVM) : command.index("--jar")] == [
        *("-XX:+ExitOnOutOfMemoryError", "-Xms64m", '-Dname="two words"', "-Xmx1073741824"),
        "org.apache.pulsar.functions.instance.JavaInstanceMain",
    ]


def test_options_that_only_java_has(java_launch: Launch) -> None:
    instance = attrs.evolve(java_launch.instance, expose_pulsar_admin_client=True, ignore_unknown_config_fields=True)
    worker = attrs.evolve(java_launch.worker, pulsar_web_service_url="http://localhost:8080")
    command = java_command(attrs.evolve(java_launch, instance=instance, worker=worker), "")
    url = command.index("--pulsar_serviceurl")
    assert command[url + 2 : url + 5] == ["--web_serviceurl", "http://localhost:8080", "--expose_pulsaradmin"]
    pending = command.index("--pending_async_requests")
    assert command[pending + 2] == "--ignore_unknown_config_fields"


@pytest.mark.parametrize(("url", "given"), [("bk://bookie:4181", True), ("sqlite:///data/state.db", False)])
def test_only_a_store_that_java_knows_is_named(java_launch: Launch, url: str, given: bool) -> None:
    launch = attrs.evolve(java_launch, worker=attrs.evolve(java_launch.worker, state_storage_service_url=url))
    assert (url in java_command(launch, "")) is given


def test_a_transform_function_follows_the_jar(java_launch: Launch) -> None:
    package = FunctionPackage(
        code=java_launch.code, original_name="a.jar", location="x", transform=Path("/code/transform.jar")
    )
    command = java_command(attrs.evolve(java_launch, package=package, transform_function_id="33"), "")
    jar = command.index("--jar")
    assert command[jar + 2 : jar + 6] == [
        "--transform_function_jar",
        "/code/transform.jar",
        "--transform_function_id",
        "33",
    ]


@pytest.mark.parametrize("parameters", ["token:s3cr3t", "s3cr3t", '{"token": "s3cr3t"}'])
def test_a_token_is_in_the_private_file_alone(java_launch: Launch, parameters: str) -> None:
    launch = attrs.evolve(
        java_launch,
        authentication=AuthenticationConfig(
            client_authentication_plugin="org.apache.pulsar.client.impl.auth.AuthenticationToken",
            client_authentication_parameters=parameters,
        ),
    )
    command = java_command(launch, "/dev/fd/9")
    assert private_token(launch) == "s3cr3t"
    assert "s3cr3t" not in " ".join(command)
    assert command[command.index("--client_auth_params") + 1] == "file:///dev/fd/9"


@pytest.mark.parametrize("parameters", ["s3cr3t in words", '{"other": "s3cr3t"}', '{"token": "s3cr3t"', "token:"])
def test_an_unusable_token_is_not_passed_on(java_launch: Launch, parameters: str) -> None:
    authentication = AuthenticationConfig(TOKEN_PLUGIN, parameters)
    with pytest.raises(ConfigurationError, match="the authentication parameters") as error:
        java_command(attrs.evolve(java_launch, authentication=authentication), "/dev/fd/9")
    assert "s3cr3t" not in str(error.value)


def test_a_plugin_without_parameters_is_left_out(java_launch: Launch) -> None:
    authentication = AuthenticationConfig(TOKEN_PLUGIN, " ")
    launch = attrs.evolve(java_launch, authentication=authentication)
    assert "--client_auth_params" not in java_command(launch, "/dev/fd/9")


@pytest.mark.parametrize(
    ("plugin", "parameters"),
    [
        ("org.apache.pulsar.client.impl.auth.AuthenticationToken", "file:///secrets/token"),
        ("org.apache.pulsar.client.impl.auth.AuthenticationTls", "tlsCertFile:/a,tlsKeyFile:/b"),
    ],
)
def test_other_parameters_are_passed_as_they_are(java_launch: Launch, plugin: str, parameters: str) -> None:
    authentication = AuthenticationConfig(
        client_authentication_plugin=plugin, client_authentication_parameters=parameters
    )
    launch = attrs.evolve(java_launch, authentication=authentication)
    assert private_token(launch) is None
    assert parameters in java_command(launch, "")
