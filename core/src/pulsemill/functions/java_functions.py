"""What a Java function's package says of it (upstream's FunctionConfigUtils.doJavaChecks, without loading classes)."""

import attrs

from pulsemill.functions.checks import refuse_if
from pulsemill.functions.consumers import consumer_configs
from pulsemill.functions.model import ConsumerConfig, CryptoConfig, FunctionConfig
from pulsemill.java.archive import JavaArchive
from pulsemill.java.checks import check_crypto_key_reader, check_schema, check_serde, require_type
from pulsemill.java.hierarchy import is_open
from pulsemill.java.known import FUNCTION, JAVA_FUNCTION, WINDOW_FUNCTION
from pulsemill.java.service import read_service
from pulsemill.java.signatures import JavaType
from pulsemill.java.types import function_types, unwrapped_output


def with_class_name(config: FunctionConfig, archive: JavaArchive) -> FunctionConfig:
    """The configuration with the class that the package names, if it names none itself."""
    if config.class_name:
        return config
    service = read_service(archive)
    return attrs.evolve(config, class_name=service.function_class if service else None)


def with_java_types(config: FunctionConfig, archive: JavaArchive) -> FunctionConfig:
    """The configuration with the types of the function's class; raises PackageError for classes that do not fit."""
    name = config.class_name or ""
    require_type(
        archive,
        name,
        (FUNCTION, JAVA_FUNCTION, WINDOW_FUNCTION),
        f"Function class {name} must be in class path",
        f"Function class {name} does not implement the correct interface",
    )
    types = function_types(archive, name, windowed=config.window_config is not None)
    if types is None:
        refuse_if(not is_open(archive, JavaType(name)), _other_kind(config))
        return config
    taken, given = types[0], unwrapped_output(archive, types[1])
    _check_inputs(config, archive, taken)
    _check_output(config, archive, given)
    return attrs.evolve(config, input_type_class_name=taken.type_name, output_type_class_name=given.type_name)


def check_consumer(archive: JavaArchive, consumer: ConsumerConfig, taken: JavaType | None) -> None:
    """Check the classes that an input names."""
    check_serde(archive, consumer.serde_class_name, taken, is_input=True)
    check_schema(archive, consumer.schema_type, taken, is_input=True)
    check_crypto(archive, consumer.crypto_config)


def check_crypto(archive: JavaArchive, crypto: CryptoConfig | None) -> None:
    """Check the class that reads keys, if there is one."""
    if crypto is not None:
        check_crypto_key_reader(archive, crypto.crypto_key_reader_class_name)


def _check_inputs(config: FunctionConfig, archive: JavaArchive, taken: JavaType) -> None:
    for consumer in consumer_configs(config).values():
        check_consumer(archive, consumer, taken)


def _check_output(config: FunctionConfig, archive: JavaArchive, given: JavaType) -> None:
    if given.type_name == "java.lang.Void":
        return
    check_schema(archive, config.output_schema_type, given, is_input=False)
    check_serde(archive, config.output_serde_class_name, given, is_input=False)
    if config.producer_config is not None:
        check_crypto(archive, config.producer_config.crypto_config)


def _other_kind(config: FunctionConfig) -> str:
    if config.window_config is None:
        return f"Function class {config.class_name} is a WindowFunction, which needs windowConfig"
    return f"Function class {config.class_name} handles single messages; remove windowConfig"
