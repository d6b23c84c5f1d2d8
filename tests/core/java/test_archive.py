"""Finding classes in jars and NARs, and types through their hierarchies."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulsemill.errors import PackageError
from pulsemill.java.archive import open_archive
from pulsemill.java.checks import check_schema, check_serde, require_type
from pulsemill.java.config_fields import config_fields
from pulsemill.java.known import FUNCTION, JAVA_FUNCTION, SERDE, SOURCE, WINDOW_FUNCTION
from pulsemill.java.service import read_service
from pulsemill.java.signatures import JavaType
from pulsemill.java.types import function_types, type_argument, unwrapped_output

STRING, INTEGER = "Ljava/lang/String;", "Ljava/lang/Integer;"
Save = Callable[[bytes], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(content: bytes) -> Path:
        file = tmp_path / "package"
        file.write_bytes(content)
        return file

    return write


def test_finds_classes_in_the_jar_and_in_bundled_jars(java: Any, save: Save) -> None:
    for content in (java.jar(("a.B", java.class_file("a.B"))), java.nar(None, ("a.B", java.class_file("a.B")))):
        with open_archive(save(content)) as archive:
            found = archive.find_class("a.B")
            assert found is not None
            assert found.superclass == "java.lang.Object"
            assert archive.find_class("a.Other") is None


def test_a_file_that_is_no_zip(save: Save) -> None:
    with (
        pytest.raises(PackageError, match=r"^java\.util.zip.ZipException: zip END header not found$"),
        open_archive(save(b"garbage")),
    ):
        pass


def test_a_class_file_under_another_name(java: Any, save: Save) -> None:
    jar = java.jar(("a.B", java.class_file("a.C")))
    with open_archive(save(jar)) as archive, pytest.raises(PackageError, match=r"holds a\.C"):
        archive.find_class("a.B")


def test_a_bundled_jar_that_is_none_is_skipped(java: Any, save: Save) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/bundled-dependencies/bad.jar", b"garbage")
        archive.writestr("META-INF/bundled-dependencies/good.jar", java.jar(("a.B", java.class_file("a.B"))))
    with open_archive(save(out.getvalue())) as opened:
        assert opened.find_class("a.B") is not None


def test_a_bundled_jar_that_is_all_directory_is_refused(java: Any, save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulsemill.zips.MAX_DIRECTORY_BYTES", 4000)
    many = java.jar(*((f"a.C{number}", b"") for number in range(100)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/bundled-dependencies/many.jar", many)
    reason = r"bundled jar 'META-INF/bundled-dependencies/many\.jar' cannot be read: its central directory takes"
    with open_archive(save(out.getvalue())) as opened, pytest.raises(PackageError, match=reason):
        opened.find_class("a.B")


def test_a_service_file_that_is_a_bomb(save: Save) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/services/pulsar-io.yaml", b"a" * 10_000_000)
    with open_archive(save(out.getvalue())) as opened, pytest.raises(PackageError, match="larger than 65536 bytes"):
        read_service(opened)


@pytest.mark.parametrize(
    ("text", "reason"), [("[", "not valid YAML"), ("- a", "expected an object"), ("name: 5", "name must be text")]
)
def test_a_malformed_service_file(java: Any, save: Save, text: str, reason: str) -> None:
    with open_archive(save(java.nar(text))) as archive, pytest.raises(PackageError, match=reason):
        read_service(archive)


@pytest.mark.parametrize(
    ("interface", "arguments", "windowed", "types"),
    [
        (FUNCTION, (STRING, INTEGER), False, ("java.lang.String", "java.lang.Integer")),
        (JAVA_FUNCTION, (STRING, "[B"), False, ("java.lang.String", "[B")),
        (WINDOW_FUNCTION, (STRING, STRING), True, ("java.lang.String", "java.lang.String")),
        (JAVA_FUNCTION, (f"Ljava/util/List<{STRING}>;", STRING), True, ("java.lang.String", "java.lang.String")),
        (
            FUNCTION,
            (STRING, f"Lorg/apache/pulsar/functions/api/Record<{INTEGER}>;"),
            False,
            ("java.lang.String", "java.lang.Integer"),
        ),
        (
            FUNCTION,
            (STRING, f"Ljava/util/concurrent/CompletableFuture<{INTEGER}>;"),
            False,
            ("java.lang.String", "java.lang.Integer"),
        ),
    ],
)
def test_types_of_functions(
    java: Any, save: Save, interface: str, arguments: tuple[str, ...], windowed: bool, types: tuple[str, str]
) -> None:
    with open_archive(save(java.jar(("a.F", java.generic("a.F", interface, *arguments))))) as archive:
        found = function_types(archive, "a.F", windowed=windowed)
        assert found is not None
        assert (found[0].type_name, unwrapped_output(archive, found[1]).type_name) == types


def test_types_come_through_generic_superclasses(java: Any, save: Save) -> None:
    base = java.class_file(
        "a.Base",
        interfaces=(SOURCE,),
        signature="<A:Ljava/lang/Object;B:Ljava/lang/Object;>Ljava/lang/Object;Lorg/apache/pulsar/io/core/Source<TB;>;",
    )
    actual = java.class_file("a.S", superclass="a.Base", signature=f"La/Base<{INTEGER}{STRING}>;")
    with open_archive(save(java.jar(("a.Base", base), ("a.S", actual)))) as archive:
        found = type_argument(archive, JavaType("a.S"), SOURCE)
        assert found == JavaType("java.lang.String")


def test_a_window_needs_a_collection(java: Any, save: Save) -> None:
    jar = java.jar(("a.F", java.generic("a.F", JAVA_FUNCTION, STRING, STRING)))
    reason = r"^Window function must take a collection as input$"
    with open_archive(save(jar)) as archive, pytest.raises(PackageError, match=reason):
        function_types(archive, "a.F", windowed=True)


def test_required_types(java: Any, save: Save) -> None:
    cycle = java.class_file("a.Cycle", superclass="a.Cycle")
    child = java.class_file("a.Child", superclass="elsewhere.Base")
    with open_archive(save(java.jar(("a.Cycle", cycle), ("a.Child", child)))) as archive:
        require_type(archive, "a.Child", (SOURCE,), "missing", "wrong")  # its unknown superclass may be a source
        with pytest.raises(PackageError, match=r"^wrong$"):
            require_type(archive, "a.Cycle", (SOURCE,), "missing", "wrong")
        with pytest.raises(PackageError, match=r"^missing$"):
            require_type(archive, "a.None", (SOURCE,), "missing", "wrong")


@pytest.mark.parametrize(
    ("serde", "reason"),
    [
        ("a.Strings", None),
        ("org.apache.pulsar.functions.api.utils.DefaultSerDe", None),
        ("a.None", "The input serialization/deserialization class a.None does not exist"),
        ("a.Other", "a.Other does not implement org.apache.pulsar.functions.api.SerDe"),
        ("a.Integers", "Serializer type mismatch java.lang.String vs java.lang.Integer"),
    ],
)
def test_serdes(java: Any, save: Save, serde: str, reason: str | None) -> None:
    jar = java.jar(
        ("a.Strings", java.generic("a.Strings", SERDE, STRING)),
        ("a.Integers", java.generic("a.Integers", SERDE, INTEGER)),
        ("a.Other", java.class_file("a.Other")),
    )
    with open_archive(save(jar)) as archive:
        if reason is None:
            check_serde(archive, serde, JavaType("java.lang.String"), is_input=True)
        else:
            with pytest.raises(PackageError) as caught:
                check_serde(archive, serde, JavaType("java.lang.String"), is_input=True)
            assert str(caught.value) == reason


def test_names_of_schemas_are_no_classes(java: Any, save: Save) -> None:
    with open_archive(save(java.jar())) as archive:
        check_schema(archive, "json", None, is_input=True)
        with pytest.raises(PackageError, match=r"^The schema class x\.Y does not exist$"):
            check_schema(archive, "x.Y", None, is_input=True)


def test_the_fields_of_a_connectors_configuration(java: Any, save: Save) -> None:
    with open_archive(save(java.connector())) as archive:
        attributes = {"help": "Where it is", "defaultValue": "", "sensitive": "false", "required": "true"}
        field = {"fieldName": "address", "typeName": "java.lang.String", "attributes": attributes}
        assert config_fields(archive, "org.acme.AcmeConfig") == [field]
