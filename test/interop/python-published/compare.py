"""python compare.py PUBLISHED OURS: what both answered, but for what differs between Python 2 and 3 by itself."""

import json
import re
import sys

#: How Python 2 shows values, and what is new each time.
SHOWN = [
    (r"\bu'", "'"),
    (r"(\d)L\b", r"\1"),
    (r" +$", ""),
    (r"<open file '([^']*)'.*>", r"<\1>"),
    (r"<_io.TextIOWrapper name='([^']*)'.*>", r"<\1>"),
    (r"Exception\((.*?),\)", r"Exception(\1)"),
    (r"\b[0-9a-f]{26,32}\b", "WORKER"),
    (r"(Expires: ).*", r"\1TIME"),
    (r'File ".*", line \d+, in .*\n.*', "FRAME"),
    (r"^ *[\^~]+$\n", ""),
    (r"(FRAME\n)( *FRAME\n)+", r"\1"),
    (r"\b(integer|long) division or modulo by zero", "division by zero"),
]


def shown(text):
    for pattern, by in SHOWN:
        text = re.sub(pattern, by, text, flags=re.MULTILINE)
    return text


def as_set(text):
    """The keys of a dictionary of Python 2 have no order."""
    return sorted(re.findall(r"\w+", text))


def main():
    published, ours = (json.load(open(path)) for path in sys.argv[1:])
    assert len(published) == len(ours) >= 60, (len(published), len(ours))
    different = 0
    for (command, status, text), (_, our_status, our_text) in zip(published, ours):
        text, our_text = shown(text), shown(our_text)
        if status != our_status or (text != our_text and as_set(text) != as_set(our_text)):
            different += 1
            print(f"$ coordinate {command}\npublished, status {status}:\n{text}\nours, status {our_status}:\n{our_text}\n")
    print(f"{len(ours)} commands, {different} with different answers")
    sys.exit(different > 0)


main()
