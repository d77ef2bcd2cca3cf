"""To the byte what Python 2 sends. fixtures/python2.json is written by record_python2.py, under Python 2.7 with the published package."""

import json
import pathlib
import uuid

import pytest

from coordinate import cbor
from coordinate.base_client import make_cbor_tagmapper

VALUES = {
    "bytes": b"a\xff",
    "text": "\u00e4",
    "tuple": (1, (b"two", "three"), []),
    "tuple key": {(b"a", 1): 2},
    "nested tuple key": {((b"a",), "b"): {}},
    "uuid": uuid.UUID(bytes=bytes(range(16))),
    "big": [2**63, 2**64, -(2**64), -(2**64) - 1, 2**128, -(2**128)],
    "small": [0, 23, 24, 255, 256, 65536, 2**32, -1, -24, -25, -(2**32)],
    "float": [0.5, 1.0, 1e300, -0.0],
    "atoms": [None, True, False],
    "long": [b"x" * 300, "y" * 70000],
    "list key bytes": {b"k": [{b"n": (1.5, None)}]},
}
RECORDED = json.loads((pathlib.Path(__file__).parent / "fixtures" / "python2.json").read_text())


@pytest.mark.parametrize("name", sorted(VALUES))
def test_sends_what_python_2_sends(name):
    assert cbor.wrapped({b"v": VALUES[name]}).hex() == RECORDED[name]


@pytest.mark.parametrize("name", sorted(VALUES))
def test_comes_back_as_it_was_sent(name):
    message = bytes.fromhex(RECORDED[name])
    decoded = make_cbor_tagmapper().loads(message)
    assert decoded == {b"v": VALUES[name]}
    assert repr(decoded) == repr({b"v": VALUES[name]})


def test_text_where_bytes_are_utf_8():
    sent = {b"k": (b"\xc3\xa4", [b"\xff"], {(b"t",): b""})}
    assert cbor.texts(sent) == {"k": ("\u00e4", [b"\xff"], {("t",): ""})}


def test_names_the_type_that_has_no_place():
    with pytest.raises(TypeError, match="object"):
        cbor.dumps({"k": object()})
