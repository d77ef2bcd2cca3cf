"""Values as they are on the wire: CBOR, in which a tuple has a tag of its own.

Python 2 sends its ``str`` as a byte string and ``unicode`` as text; here ``bytes`` and ``str`` are the same two.
"""

from __future__ import annotations

from enum import Enum
from importlib.metadata import version
from typing import Any, Dict, Iterable, List, Tuple

import cbor2

#: An encoded message in a byte string.
TAG_ENCODED = 24
#: A list that is a tuple.
TAG_TUPLE = 128

_AS_THEY_ARE = frozenset([bytes, str, float, bool, type(None)])


def dumps(value: Any) -> bytes:
    """Encodes a value; what has no place in CBOR is a TypeError that names its type."""
    try:
        return cbor2.dumps(_tagged(value))
    except cbor2.CBORError as error:
        raise TypeError(f"no CBOR for this value: {error}") from error


def loads(encoded: bytes) -> Any:
    """Decodes a value. A tag that means nothing here stays a `cbor2.CBORTag`."""
    return cbor2.loads(encoded, **_DECODING)


def load(file: Any) -> Any:
    """Decodes one value from a file that is open for reading bytes."""
    return cbor2.CBORDecoder(file, **_DECODING).decode()


def wrapped(value: Any) -> bytes:
    """Encodes a message: its own encoding, in a byte string with a tag."""
    return in_message(dumps(value))


def request(method: str, params: List[Any]) -> bytes:
    """A request without a number of its own, for a list of them, whose answers come in their order."""
    return dumps({"id": 0, "method": method, "params": params})


def requests(encoded: List[bytes]) -> bytes:
    """A message of many requests."""
    return in_message(head(4, len(encoded)) + b"".join(encoded))


def in_message(encoded: bytes) -> bytes:
    """What is encoded already as a message: in a byte string, with its tag."""
    return b"\xd8\x18" + head(2, len(encoded)) + encoded


def head(kind: int, number: int) -> bytes:
    """How a byte string (2), a list (4) or a map (5) of so many begins."""
    if number < 24:
        return bytes((kind << 5 | number,))
    for extra, size in ((24, 1), (25, 2), (26, 4)):
        if number < 1 << 8 * size:
            return bytes((kind << 5 | extra,)) + number.to_bytes(size, "big")
    return bytes((kind << 5 | 27,)) + number.to_bytes(8, "big")


def _tagged(value: Any) -> Any:
    """The value with what cbor2 would write in another way replaced; the value itself if there is nothing of that kind in it."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else _big(value)
    if kind is dict:
        # Keys go as they are: Python 2 sends a tuple that is one without the tag, and a list that is one comes back as a tuple.
        return _with_tagged(value, value.items())
    if kind is list:
        return _with_tagged(value, enumerate(value))
    if isinstance(value, tuple):
        return cbor2.CBORTag(TAG_TUPLE, [_tagged(item) for item in value])
    if isinstance(value, dict):
        return {key: _tagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    if isinstance(value, Enum):
        return _tagged(value.value)
    return value


def _with_tagged(value: Any, items: Iterable[Tuple[Any, Any]]) -> Any:
    """A map or a list, copied when there is something in it to be replaced."""
    made = value
    for key, item in items:
        if type(item) not in _AS_THEY_ARE:
            tagged = _tagged(item)
            if tagged is not item:
                if made is value:
                    made = value.copy()
                made[key] = tagged
    return made


def _big(value: int) -> Any:
    """What Python 2 has as a ``long``, it sends as a bignum, a little before it must."""
    negative = value < 0
    magnitude = -1 - value if negative else value
    return cbor2.CBORTag(3 if negative else 2, magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "big"))


def _decoding() -> Dict[str, Any]:
    """cbor2 6 has what is in a tag frozen, lists and all, unless the tag is one that it is told of; cbor2 5 has a hook."""
    if int(version("cbor2").split(".")[0]) >= 6:
        return {"semantic_decoders": {TAG_TUPLE: lambda items, *_: tuple(items)}}
    return {"tag_hook": lambda decoder, tag: tuple(tag.value) if tag.tag == TAG_TUPLE else tag}


_DECODING = _decoding()


def texts(value: Any) -> Any:
    """The value with all byte strings that are UTF-8 made text, as Python 2's ``str`` is read in Python 3."""
    kind = type(value)
    if kind is bytes:
        return text(value)
    if kind is dict:
        return {texts(key): texts(item) for key, item in value.items()}
    if kind is list:
        return [texts(item) for item in value]
    if kind is tuple:
        return tuple([texts(item) for item in value])
    return value


def text(value: Any) -> Any:
    """Bytes as text if they are UTF-8; everything else as it is."""
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return value


def text_keys(value: Any) -> Any:
    """A map with its own keys, and no others below, made text."""
    if not isinstance(value, dict):
        return value
    for key in value:
        if type(key) is bytes:
            return {text(each): item for each, item in value.items()}
    return value
