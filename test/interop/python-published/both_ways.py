# -*- coding: utf-8 -*-
"""What units carry from one client to another: both_ways.py put|take|check PORT, under Python 2 with the published package, and under
Python 3 with ours. `put` adds units, `take` does them and gives each a second time what it has, `check` reads what has come back."""

from __future__ import print_function

import sys
import uuid

from coordinate import TaskMaster

IS_OURS = sys.version_info[0] > 2
TEXT = type(u"")
INTEGERS = (int,) if IS_OURS else (int, long)  # noqa: F821

VALUES = {
    b"bytes": b"a\xff",
    b"bytes that are text": b"plain",
    b"text": u"\xe4\u20ac",
    b"tuple": (1, (b"two", u"three"), [], ()),
    b"nested tuples": [((1,), ((), (None,))), {b"k": ([(b"\xff",)],)}],
    b"tuple key": {(b"a", 1): 2},
    b"nested tuple key": {((b"a",), u"b"): {}},
    b"uuid": [uuid.UUID(int=2**127 + 5), (uuid.UUID(int=0),)],
    b"big": [2**63 - 1, 2**63, 2**64, 2**127, -(2**63), -(2**64) - 1],
    b"small": [0, 23, 24, 255, 256, 65536, 2**32, -1, -25],
    b"float": [0.5, 1.0, 1e300, -0.0],
    b"atoms": [None, True, False],
    b"long": [b"x" * 300, u"y" * 70000],
}

# The published client sends these, and leaves them out of what it reads, its own too.
READ_BY_OURS = (b"tuple key", b"nested tuple key")


def shown(value):
    """A value with the type of all that is in it, the same in both versions of Python."""
    if isinstance(value, dict):
        return "{%s}" % ", ".join(sorted("%s: %s" % (shown(key), shown(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return "%s(%s)" % (type(value).__name__, ", ".join(map(shown, value)))
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, INTEGERS):
        return "integer %d" % value
    if isinstance(value, TEXT):
        return "text " + repr(value.encode("utf-8")).lstrip("b")
    if isinstance(value, bytes):
        return "bytes " + repr(value).lstrip("b")
    return "%s %r" % (type(value).__name__, value)


def see(name, data, keys):
    wanted = shown({key: VALUES[name] for key in keys})
    if shown(data) != wanted:
        sys.exit("%r came as\n%.400s\nnot as\n%.400s" % (name, shown(data), wanted))


def main(what, port):
    config = {"address": ("127.0.0.1", int(port))}
    client = TaskMaster(config, binary=True) if IS_OURS else TaskMaster(config)
    if what == "put":
        client.set_work_spec({"name": "values", "min_gb": 0.1})
        client.add_work_units("values", {name: {b"v": value} for name, value in VALUES.items()})
    elif what == "take":
        for _ in VALUES:
            unit = client.get_work("w")
            if unit.key in READ_BY_OURS and not IS_OURS:
                unit.finish()
                continue
            see(unit.key, unit.data, [b"v"])
            unit.data[b"again"] = unit.data[b"v"]
            unit.finish()
    else:
        units = dict(client.get_work_units("values", state=4))
        if set(units) != set(VALUES):
            sys.exit("only %r came back" % sorted(units))
        for name, data in units.items():
            if name not in READ_BY_OURS:
                see(name, data, [b"v", b"again"])
            elif IS_OURS:
                see(name, data, [b"v"])


if __name__ == "__main__":
    main(*sys.argv[1:])
