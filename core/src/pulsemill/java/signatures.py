"""Generic signatures of classes (Java Virtual Machine Specification, 4.7.9.1)."""

from collections.abc import Mapping

import attrs

from pulsemill.java.errors import MalformedClassError

OBJECT = "java.lang.Object"

_MAX_DEPTH = 50
_PRIMITIVES = {
    "B": "byte",
    "C": "char",
    "D": "double",
    "F": "float",
    "I": "int",
    "J": "long",
    "S": "short",
    "Z": "boolean",
    "V": "void",
}
_ELEMENTS = {name: letter for letter, name in _PRIMITIVES.items()}


@attrs.frozen
class JavaType:
    """A type by its dotted name, with type arguments; a type variable by its own name."""

    name: str
    arguments: tuple["JavaType", ...] = ()
    dimensions: int = 0
    is_variable: bool = False

    @property
    def type_name(self) -> str:
        """The erased name as Java's Class.getName writes it, by which instances load it: `[B` for an array of bytes."""
        name = OBJECT if self.is_variable else self.name
        if not self.dimensions:
            return name
        return "[" * self.dimensions + _ELEMENTS.get(name, f"L{name};")

    def replacing(self, variables: Mapping[str, "JavaType"]) -> "JavaType":
        """The type with type variables replaced by what they stand for."""
        if self.is_variable:
            actual = variables.get(self.name, JavaType(OBJECT))
            return attrs.evolve(actual, dimensions=actual.dimensions + self.dimensions)
        return attrs.evolve(self, arguments=tuple(each.replacing(variables) for each in self.arguments))


@attrs.frozen
class ClassSignature:
    """A class's type parameters with their bounds, and its supertypes (the superclass first)."""

    parameters: dict[str, JavaType]
    supertypes: tuple[JavaType, ...]


def read_class_signature(text: str) -> ClassSignature:
    """Read a class's Signature attribute; raises MalformedClassError."""
    cursor = _Cursor(text)
    parameters = cursor.type_parameters() if cursor.peek() == "<" else {}
    supertypes = []
    while not cursor.at_end:
        supertypes.append(cursor.type(0))
    return ClassSignature(parameters, tuple(supertypes))


def read_descriptor(text: str) -> JavaType:
    """Read a field's type."""
    return _Cursor(text).type(0)


@attrs.define
class _Cursor:
    text: str
    position: int = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def peek(self) -> str:
        if self.at_end:
            raise MalformedClassError(f"a generic signature ends early: {self.text[:200]!r}")
        return self.text[self.position]

    def next(self) -> str:
        char = self.peek()
        self.position += 1
        return char

    def until(self, ends: str) -> str:
        start = self.position
        while self.peek() not in ends:
            self.position += 1
        return self.text[start : self.position]

    def type_parameters(self) -> dict[str, JavaType]:
        parameters = {}
        self.next()
        while self.peek() != ">":
            name = self.until(":")
            bounds = []
            while self.peek() == ":":
                self.next()
                if self.peek() != ":":
                    bounds.append(self.type(0))
            parameters[name] = bounds[0] if bounds else JavaType(OBJECT)
        self.next()
        return parameters

    def type(self, depth: int) -> JavaType:
        if depth > _MAX_DEPTH:
            raise MalformedClassError("a generic signature is nested too deeply")
        dimensions = 0
        while self.peek() == "[":
            self.next()
            dimensions += 1
        return attrs.evolve(self._element(depth), dimensions=dimensions)

    def _element(self, depth: int) -> JavaType:
        kind = self.next()
        if kind in _PRIMITIVES:
            return JavaType(_PRIMITIVES[kind])
        if kind == "T":
            name = self.until(";")
            self.next()
            return JavaType(name, is_variable=True)
        if kind != "L":
            raise MalformedClassError(f"a generic signature has {kind!r} in place of a type: {self.text[:200]!r}")
        return self._class(depth)

    def _class(self, depth: int) -> JavaType:
        name = self.until("<;.")
        arguments: tuple[JavaType, ...] = ()
        while (char := self.next()) != ";":
            if char == "<":
                arguments = self._arguments(depth)
            else:
                name, arguments = f"{name}${self.until('<;.')}", ()
        return JavaType(name.replace("/", "."), arguments)

    def _arguments(self, depth: int) -> tuple[JavaType, ...]:
        arguments = []
        while self.peek() != ">":
            arguments.append(self._argument(depth))
        self.next()
        return tuple(arguments)

    def _argument(self, depth: int) -> JavaType:
        wildcard = self.peek() if self.peek() in "*+-" else ""
        if wildcard:
            self.next()
        bound = JavaType(OBJECT) if wildcard == "*" else self.type(depth + 1)
        return JavaType(OBJECT) if wildcard == "-" else bound
