"""Java archives that need no download: a connector `acme` and functions, built in or to be uploaded."""

import shutil
from functools import cache
from pathlib import Path

from tests.rig.connectors import connector_nar
from tests.rig.java_files import JavaFiles

IO = "org.apache.pulsar.io.core"
CLIENT = "org.apache.pulsar.client.api"
FUNCTIONS = "org.apache.pulsar.functions.api"
STRING, INTEGER, BYTES = "Ljava/lang/String;", "Ljava/lang/Integer;", "[B"
SERVICE = "name: acme\ndescription: Of Acme\n"
CLASSES = f"{SERVICE}sourceClass: org.acme.AcmeSource\nsinkClass: org.acme.AcmeSink\n"

_java = JavaFiles()
_GENERIC = {
    "AcmeSource": (f"{IO}.Source", STRING),
    "NumberSource": (f"{IO}.Source", INTEGER),
    "AcmeBatch": (f"{IO}.BatchSource", STRING),
    "AcmeSink": (f"{IO}.Sink", STRING),
    "BytesSink": (f"{IO}.Sink", BYTES),
    "AcmeSerde": (f"{FUNCTIONS}.SerDe", STRING),
    "NumberSerde": (f"{FUNCTIONS}.SerDe", INTEGER),
    "AcmeSchema": (f"{CLIENT}.Schema", STRING),
    "ToRecord": (f"{FUNCTIONS}.Function", INTEGER, f"L{FUNCTIONS.replace('.', '/')}/Record<{BYTES}>;"),
    "ToText": (f"{FUNCTIONS}.Function", STRING, STRING),
}


@cache
def uploads() -> dict[str, bytes]:
    """Archives by file name: what an upload of a source or sink may bring, good and bad."""
    classes = _classes()
    return {
        "acme.nar": _java.nar(CLASSES, *classes),
        "acme.jar": _java.jar(*classes),
        "described.jar": _java.jar(*classes, **{"META-INF__services__pulsar-io.yaml": CLASSES.encode()}),
        "undescribed.nar": _java.nar(None, *classes),
        "classless.nar": _java.nar(SERVICE, *classes),
        "garbage.nar": b"garbage",
    }


def built_ins(folder: Path) -> dict[str, str]:
    """Fill a folder; answers the keys of functions_worker.yml that make its archives built in.

    The connectors are `data-generator` (upstream's) and `acme`, the functions `to-record`, `to-text` and `classless`.
    """
    connectors, functions = folder / "built-in-connectors", folder / "built-in-functions"
    for place in (connectors, functions):
        place.mkdir(parents=True)
    shutil.copy(connector_nar("data-generator"), connectors)
    (connectors / "acme.nar").write_bytes(uploads()["acme.nar"])
    for name, of_class in (("to-record", "ToRecord"), ("to-text", "ToText"), ("classless", "")):
        function = f"functionClass: org.acme.{of_class}\n" if of_class else ""
        (functions / f"{name}.nar").write_bytes(_java.nar(f"name: {name}\ndescription: x\n{function}", *_classes()))
    return {"connectorsDirectory": str(connectors), "functionsDirectory": str(functions)}


def _classes() -> list[tuple[str, bytes]]:
    generic = {name: _java.generic(f"org.acme.{name}", *of) for name, of in _GENERIC.items()}
    reader = _java.class_file("org.acme.AcmeReader", interfaces=(f"{CLIENT}.CryptoKeyReader",))
    plain = _java.class_file("org.acme.Plain")
    classes = generic | {f"Acme{base}": _extending(f"Acme{base}", base) for base in ("PushSource", "BatchPushSource")}
    return [(f"org.acme.{name}", file) for name, file in (classes | {"AcmeReader": reader, "Plain": plain}).items()]


def _extending(name: str, base: str) -> bytes:
    superclass = f"{IO}.{base}"
    return _java.class_file(
        f"org.acme.{name}", superclass=superclass, signature=f"L{superclass.replace('.', '/')}<{STRING}>;"
    )
