"""Reads pickles that hold nothing but arrays of numbers, plain containers, texts and numbers, and runs none of it.

The course's files are pickles. Python's unpickler calls what a file tells it to, and even one that is let call nothing
but numpy's own rebuilding can be made to take bytes for pointers. So this one walks over the opcodes itself, knows only
those few that numpy and plain containers need, calls nothing, and puts stand-ins where a file names numpy's parts.
Format: Python's Lib/pickletools.py; NEP 1 and ndarray.__reduce__ for what numpy writes.
"""

from __future__ import annotations

import pickletools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A file of the course takes about fifty.
_MAX_OPCODES = 2_000

# numpy moved these from numpy.core to numpy._core in version 2.
_REBUILD = {f"numpy{core}.multiarray _reconstruct" for core in (".core", "._core")}
_FROM_BUFFER = {f"numpy{core}.numeric _frombuffer" for core in (".core", "._core")}
_SCALAR = {f"numpy{core}.multiarray scalar" for core in (".core", "._core")}
_NAMES = {"numpy ndarray", "numpy dtype", "_codecs encode", *_REBUILD, *_FROM_BUFFER, *_SCALAR}

_CONSTANTS = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT", "UNICODE", "SHORT_BINUNICODE",
    "BINUNICODE", "SHORT_BINBYTES", "BINBYTES", "BYTEARRAY8",
}  # fmt: skip


class PickleError(ValueError):
    """The bytes are no pickle, or hold something other than arrays and plain containers; says what."""


@dataclass(frozen=True)
class _Name:
    """A part of numpy that a pickle names."""

    name: str


@dataclass
class Type:
    """Stands for a numpy.dtype: its code ("f4", "O8", "V16") and byte order; names of its fields, if it has any."""

    code: str
    order: str = "|"
    names: tuple[str, ...] = ()


@dataclass
class Array:
    """Stands for a numpy.ndarray, or a scalar (shape ()): its parts as the pickle gives them."""

    shape: Any = None
    type: Any = None
    fortran: Any = False
    data: Any = None

    def items(self) -> list[Any]:
        """The elements of an array of objects, or of records with objects, in order."""
        if not isinstance(self.data, list):
            raise PickleError("an array of objects is damaged")
        return self.data

    def numbers(self) -> NDArray[Any]:
        """The array itself, when it is one of booleans, integers or floats; PickleError if not."""
        kind = self.type
        if not isinstance(kind, Type) or not re.fullmatch(r"b1|[iu][1248]|f[248]", kind.code) or kind.names:
            raise PickleError("an array of something other than numbers")
        data = bytes(self.data) if isinstance(self.data, (bytes, bytearray)) else b""
        dtype = np.dtype(("" if kind.order == "|" else kind.order) + kind.code)
        shape = self.shape
        if not isinstance(shape, tuple) or len(shape) > 8 or not all(type(n) is int and 0 <= n <= 2**20 for n in shape):
            raise PickleError("an array of an impossible shape")
        if int(np.prod(shape, dtype=object)) * dtype.itemsize != len(data):
            raise PickleError("an array is cut short")
        return np.frombuffer(data, dtype).reshape(shape, order="F" if self.fortran else "C")


def read(data: bytes) -> Any:
    """What the pickle in `data` holds: dicts, lists, tuples, texts, bytes, numbers, None, and `Array`s.

    PickleError if it is no pickle or needs anything more.
    """
    try:
        return _Reader().run(data)
    except PickleError:
        raise
    # A damaged pickle takes things off an empty stack, or calls for what was never kept.
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise PickleError("not a pickle, or a damaged one") from error


_MARK = object()


class _Reader:
    """The stack and the memory that the opcodes of one pickle work on."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memory: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count > _MAX_OPCODES:
                raise PickleError("much more than one image")
            if opcode.name == "STOP":
                return self._stack.pop()
            self._step(opcode.name, argument)
        raise PickleError("not a pickle, or a damaged one")

    def _step(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name in ("PROTO", "FRAME"):
            return
        if name in _CONSTANTS:
            stack.append(argument)
        elif name in ("NONE", "NEWTRUE", "NEWFALSE"):
            stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
        elif name in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"):
            stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}[name]())
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            stack.append(tuple(self._pop(int(name[-1]))))
        elif name in ("TUPLE", "LIST"):
            items = self._to_mark()
            stack.append(tuple(items) if name == "TUPLE" else items)
        elif name == "DICT":
            stack.append(_add({}, self._to_mark()))
        elif name in ("APPEND", "APPENDS"):
            items = self._pop(1) if name == "APPEND" else self._to_mark()
            _expect(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = self._pop(2) if name == "SETITEM" else self._to_mark()
            _add(_expect(stack[-1], dict), items)
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self._memory[argument] = stack[-1]
        elif name == "MEMOIZE":
            self._memory[len(self._memory)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(self._memory[argument])
        elif name == "GLOBAL":
            stack.append(_named(argument))
        elif name == "STACK_GLOBAL":
            stack.append(_named(" ".join(_expect(part, str) for part in self._pop(2))))
        elif name == "REDUCE":
            function, arguments = self._pop(2)
            stack.append(_made(_expect(function, _Name).name, _expect(arguments, tuple)))
        elif name == "BUILD":
            state = _expect(self._pop(1)[0], tuple)
            _fill(stack[-1], state)
        else:
            raise PickleError(f"something other than arrays and plain containers ({name})")

    def _pop(self, count: int) -> list[Any]:
        """The last `count` things off the stack."""
        if len(self._stack) < count:
            raise PickleError("not a pickle, or a damaged one")
        taken = self._stack[-count:]
        del self._stack[-count:]
        return taken

    def _to_mark(self) -> list[Any]:
        """All things off the stack down to the last mark."""
        start = max(index for index, thing in enumerate(self._stack) if thing is _MARK)
        taken = self._stack[start + 1 :]
        del self._stack[start:]
        return taken


def _expect(thing: Any, kind: type[Any]) -> Any:
    if type(thing) is not kind:
        raise PickleError("not a pickle, or a damaged one")
    return thing


def _add(entries: dict[str, Any], items: list[Any]) -> dict[str, Any]:
    """Enters keys and values, in turn. Keys are texts: a tuple of tuples of ... may take for ever to look up."""
    entries.update((_expect(key, str), value) for key, value in zip(items[::2], items[1::2], strict=True))
    return entries


def _named(name: str) -> _Name:
    if name not in _NAMES:
        raise PickleError(f"something other than arrays and plain containers ({name.replace(' ', '.')[:60]})")
    return _Name(name)


def _made(name: str, arguments: tuple[Any, ...]) -> Any:
    """What numpy's function `name` would make of the arguments, as a stand-in."""
    if name in _REBUILD and arguments[0] == _Name("numpy ndarray"):
        return Array()
    if name in _FROM_BUFFER:
        data, kind, shape, order = arguments
        return Array(shape, kind, order == "F", data)
    if name in _SCALAR:
        kind, data = arguments
        return Array((), kind, False, data)
    if name == "numpy dtype":
        return Type(_expect(arguments[0], str))
    if name == "_codecs encode" and arguments[1:] == ("latin1",):
        return _expect(arguments[0], str).encode("latin-1")
    raise PickleError("something other than arrays and plain containers")


def _fill(thing: Any, state: tuple[Any, ...]) -> None:
    """What numpy's __setstate__ would do, on a stand-in."""
    if isinstance(thing, Array):
        _, thing.shape, thing.type, thing.fortran, thing.data = state
    elif isinstance(thing, Type):
        if state[1] not in ("<", ">", "=", "|"):
            raise PickleError("an array of an unknown type")
        thing.order = state[1]
        thing.names = tuple(_expect(name, str) for name in state[3] or ())
    else:
        raise PickleError("something other than arrays and plain containers")
