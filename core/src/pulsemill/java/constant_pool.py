"""The constant pool of a class file (Java Virtual Machine Specification, 4.4)."""

import attrs

from pulsemill.java.class_bytes import ClassBytes
from pulsemill.java.errors import MalformedClassError

_UTF8, _INTEGER, _CLASS = 1, 3, 7
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_TAKE_TWO_PLACES = (5, 6)


@attrs.frozen
class ConstantPool:
    """The constants that names are made of, by index: texts, numbers and the texts' indexes of class names."""

    texts: dict[int, str]
    numbers: dict[int, int]
    classes: dict[int, int]

    @classmethod
    def read(cls, data: ClassBytes) -> "ConstantPool":
        """Read the pool, whose length comes first."""
        pool = cls({}, {}, {})
        index, count = 1, data.u2()
        while index < count:
            tag = data.u1()
            pool._read_constant(tag, index, data)
            index += 2 if tag in _TAKE_TWO_PLACES else 1
        return pool

    def text(self, index: int) -> str:
        """The text at an index."""
        if index not in self.texts:
            raise MalformedClassError(f"a class file has no text at {index} of its constants")
        return self.texts[index]

    def class_name(self, index: int) -> str:
        """The dotted name of the class at an index."""
        if index not in self.classes:
            raise MalformedClassError(f"a class file has no class at {index} of its constants")
        return self.text(self.classes[index]).replace("/", ".")

    def _read_constant(self, tag: int, index: int, data: ClassBytes) -> None:
        if tag == _UTF8:
            self.texts[index] = data.take(data.u2()).decode(errors="replace")
        elif tag == _CLASS:
            self.classes[index] = data.u2()
        elif tag == _INTEGER:
            self.numbers[index] = data.u4()
        elif tag in _SIZES:
            data.take(_SIZES[tag])
        else:
            raise MalformedClassError(f"a class file has a constant of the unknown kind {tag}")
