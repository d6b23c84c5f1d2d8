"""Java packages for tests, written byte by byte: no Java is needed."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence

import attrs

_FIELD_DOC = "Lorg/apache/pulsar/io/core/annotations/FieldDoc;"


@attrs.define
class _Pool:
    constants: list[bytes] = attrs.field(factory=list)

    def add(self, constant: bytes) -> int:
        if constant not in self.constants:
            self.constants.append(constant)
        return self.constants.index(constant) + 1

    def text(self, value: str) -> int:
        return self.add(b"\x01" + struct.pack(">H", len(value.encode())) + value.encode())

    def class_(self, name: str) -> int:
        return self.add(b"\x07" + struct.pack(">H", self.text(name.replace(".", "/"))))

    def method(self, class_name: str, name: str, descriptor: str) -> int:
        named = self.add(b"\x0c" + struct.pack(">HH", self.text(name), self.text(descriptor)))
        return self.add(b"\x0a" + struct.pack(">HH", self.class_(class_name), named))

    def code(self, name: str, descriptor: str, instructions: bytes) -> bytes:
        """A public method, for which two words of stack and three of variables are enough."""
        code = struct.pack(">HHI", 2, 3, len(instructions)) + instructions + struct.pack(">HH", 0, 0)
        return struct.pack(">HHHH", 1, self.text(name), self.text(descriptor), 1) + self.attribute("Code", code)

    def attribute(self, name: str, content: bytes) -> bytes:
        return struct.pack(">HI", self.text(name), len(content)) + content


class JavaFiles:
    """Makes class files, jars and NARs."""

    def class_file(
        self,
        name: str,
        *,
        superclass: str = "java.lang.Object",
        interfaces: tuple[str, ...] = (),
        signature: str | None = None,
        documented: Mapping[str, str] | None = None,
        methods: Callable[[_Pool], Sequence[bytes]] = lambda _pool: (),
    ) -> bytes:
        """A class; `documented` are its String fields with the help of their FieldDoc."""
        pool = _Pool()
        body = struct.pack(">HHHH", 0x21, pool.class_(name), pool.class_(superclass), len(interfaces))
        body += b"".join(struct.pack(">H", pool.class_(each)) for each in interfaces)
        fields = [self._field(pool, field, help_) for field, help_ in (documented or {}).items()]
        body += struct.pack(">H", len(fields)) + b"".join(fields)
        coded = methods(pool)
        body += struct.pack(">H", len(coded)) + b"".join(coded)
        attributes = [pool.attribute("Signature", struct.pack(">H", pool.text(signature)))] if signature else []
        body += struct.pack(">H", len(attributes)) + b"".join(attributes)
        head = struct.pack(">IHHH", 0xCAFEBABE, 0, 61, len(pool.constants) + 1)
        return head + b"".join(pool.constants) + body

    def generic(self, name: str, interface: str, *arguments: str) -> bytes:
        """A class that implements a generic interface, e.g. of `Ljava/lang/String;`."""
        signature = f"Ljava/lang/Object;L{interface.replace('.', '/')}<{''.join(arguments)}>;"
        return self.class_file(name, interfaces=(interface,), signature=signature)

    def timestamp_extractor(self, name: str) -> bytes:
        """A class that windows in event time can be given: a message's text is its time."""
        interface = "org.apache.pulsar.functions.windowing.TimestampExtractor"
        return self.class_file(name, interfaces=(interface,), methods=_parse_long)

    def jar(self, *classes: tuple[str, bytes], **files: bytes) -> bytes:
        """An archive of classes by name; other files by path, `/` written as `__`."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in classes:
                archive.writestr(f"{name.replace('.', '/')}.class", content)
            for path, content in files.items():
                archive.writestr(path.replace("__", "/"), content)
        return out.getvalue()

    def nar(self, service: str | None, *classes: tuple[str, bytes]) -> bytes:
        """A NAR whose classes are in a bundled jar, described by the text of its pulsar-io.yaml."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n")
            archive.writestr("META-INF/bundled-dependencies/", "")  # what upstream knows a NAR by
            archive.writestr("META-INF/bundled-dependencies/code.jar", self.jar(*classes))
            if service is not None:
                archive.writestr("META-INF/services/pulsar-io.yaml", service)
        return out.getvalue()

    def connector(self) -> bytes:
        """A NAR with a source and a sink of strings, `org.acme.AcmeSource` and `org.acme.AcmeSink`."""
        service = "name: acme\ndescription: Of Acme\nsourceClass: org.acme.AcmeSource\nsinkClass: org.acme.AcmeSink"
        string = "Ljava/lang/String;"
        return self.nar(
            f"{service}\nsourceConfigClass: org.acme.AcmeConfig\n",
            ("org.acme.AcmeSource", self.generic("org.acme.AcmeSource", "org.apache.pulsar.io.core.Source", string)),
            ("org.acme.AcmeSink", self.generic("org.acme.AcmeSink", "org.apache.pulsar.io.core.Sink", string)),
            ("org.acme.AcmeBatch", self.generic("org.acme.AcmeBatch", "org.apache.pulsar.io.core.BatchSource", string)),
            ("org.acme.AcmeConfig", self.class_file("org.acme.AcmeConfig", documented={"address": "Where it is"})),
        )

    def function(self, name: str, taken: str, given: str) -> bytes:
        """A NAR with one function, from and to types as in signatures."""
        class_file = self.generic(name, "org.apache.pulsar.functions.api.Function", taken, given)
        return self.nar(f"name: acme-function\ndescription: Of Acme\nfunctionClass: {name}\n", (name, class_file))

    def _field(self, pool: _Pool, name: str, help_: str) -> bytes:
        values = struct.pack(">HcH", pool.text("help"), b"s", pool.text(help_))
        values += struct.pack(">HcH", pool.text("required"), b"Z", pool.add(b"\x03" + struct.pack(">I", 1)))
        annotation = struct.pack(">HHH", 1, pool.text(_FIELD_DOC), 2) + values
        head = struct.pack(">HHHH", 2, pool.text(name), pool.text("Ljava/lang/String;"), 1)
        return head + pool.attribute("RuntimeVisibleAnnotations", annotation)


def _parse_long(pool: _Pool) -> tuple[bytes, bytes]:
    made = struct.pack(">BBHB", 0x2A, 0xB7, pool.method("java.lang.Object", "<init>", "()V"), 0xB1)
    parsed = pool.method("java.lang.Long", "parseLong", "(Ljava/lang/String;)J")
    extract = struct.pack(">BBHBHB", 0x2B, 0xC0, pool.class_("java.lang.String"), 0xB8, parsed, 0xAD)
    return pool.code("<init>", "()V", made), pool.code("extractTimestamp", "(Ljava/lang/Object;)J", extract)
