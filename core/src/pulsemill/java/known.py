"""Classes that every Java function finds beside its package: those of Java and of Pulsar's API that matter here."""

from pulsemill.java.class_file import JavaClass
from pulsemill.java.signatures import OBJECT

FUNCTION = "org.apache.pulsar.functions.api.Function"
WINDOW_FUNCTION = "org.apache.pulsar.functions.api.WindowFunction"
JAVA_FUNCTION = "java.util.function.Function"
SERDE = "org.apache.pulsar.functions.api.SerDe"
RECORD = "org.apache.pulsar.functions.api.Record"
SOURCE = "org.apache.pulsar.io.core.Source"
BATCH_SOURCE = "org.apache.pulsar.io.core.BatchSource"
SINK = "org.apache.pulsar.io.core.Sink"
SCHEMA = "org.apache.pulsar.client.api.Schema"
CRYPTO_KEY_READER = "org.apache.pulsar.client.api.CryptoKeyReader"
COLLECTION = "java.util.Collection"
COMPLETABLE_FUTURE = "java.util.concurrent.CompletableFuture"
IDENTITY_FUNCTION = "org.apache.pulsar.functions.api.utils.IdentityFunction"

_PARAMETER = "<T:Ljava/lang/Object;>"
_TWO_PARAMETERS = "<X:Ljava/lang/Object;T:Ljava/lang/Object;>"


def _generic(name: str, parameters: str, *supertypes: str, superclass: str = OBJECT) -> JavaClass:
    signature = parameters + "".join(f"L{each.replace('.', '/')}<TT;>;" for each in (superclass, *supertypes))
    return JavaClass(name, superclass, supertypes, signature.replace("Object<TT;>", "Object"))


_PUSH = "org.apache.pulsar.io.core.AbstractPushSource"
_INTERFACES = (SERDE, RECORD, SOURCE, BATCH_SOURCE, SINK, SCHEMA, COLLECTION, COMPLETABLE_FUTURE, _PUSH)
_FINAL_CLASSES = ("String", "Boolean", "Byte", "Character", "Short", "Integer", "Long", "Float", "Double", "Void")
_CLASSES = (
    JavaClass(OBJECT),
    *(JavaClass(f"java.lang.{name}", OBJECT) for name in _FINAL_CLASSES),
    JavaClass(CRYPTO_KEY_READER, OBJECT),
    *(_generic(name, _PARAMETER) for name in _INTERFACES),
    *(_generic(name, _TWO_PARAMETERS) for name in (FUNCTION, WINDOW_FUNCTION, JAVA_FUNCTION)),
    _generic("org.apache.pulsar.io.core.PushSource", _PARAMETER, SOURCE, superclass=_PUSH),
    _generic("org.apache.pulsar.io.core.BatchPushSource", _PARAMETER, BATCH_SOURCE, superclass=_PUSH),
    *(
        _generic(f"java.util.{name}", _PARAMETER, COLLECTION)
        for name in ("List", "Set", "Queue", "SequencedCollection")
    ),
    *(
        _generic(f"java.util.{name}", _PARAMETER, COLLECTION)
        for name in ("ArrayList", "LinkedList", "HashSet", "Deque")
    ),
    JavaClass(
        "java.util.function.UnaryOperator",
        OBJECT,
        (JAVA_FUNCTION,),
        f"{_PARAMETER}Ljava/lang/Object;Ljava/util/function/Function<TT;TT;>;",
    ),
    JavaClass(
        IDENTITY_FUNCTION,
        OBJECT,
        (JAVA_FUNCTION,),
        "Ljava/lang/Object;Ljava/util/function/Function<Ljava/lang/Object;Ljava/lang/Object;>;",
    ),
)

KNOWN_CLASSES = {each.name: each for each in _CLASSES}
