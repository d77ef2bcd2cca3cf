# -*- coding: utf-8 -*-
"""Carries the commands out that are in a file, in one process, with whichever package `coordinate` is on the path: Python 2.7 and 3.

python drive.py COMMANDS FOLDER ADDRESS OUTPUT: writes a list of [command, status, what it wrote to standard output].
"""
from __future__ import print_function

import io
import json
import logging
import os
import shlex
import sys
import traceback

PYTHON2 = sys.version_info[0] == 2
if PYTHON2:
    import yakonfig
    from StringIO import StringIO
    from coordinate.coordinatec import CoordinateC, main
else:
    from io import StringIO
    from coordinate.commands import main


def write_files(folder, address):
    def write(name, text):
        with io.open(os.path.join(folder, name), 'w') as out:
            out.write(text if isinstance(text, type(u'')) else text.decode())

    spec = {'name': 'divide', 'min_gb': 0.1, 'module': 'side_by_side_tasks', 'run_function': 'divide', 'weight': 30}
    write('config.yaml', 'coordinate:\n  addresses: ["%s"]\n' % address)
    write('other.yaml', 'coordinate: {a: 1}\nown: {b: 2}\n')
    write('divide.json', json.dumps(spec))
    write('empty.yaml', 'name: empty\nmin_gb: 1\n')
    write('none.json', '# nothing\n\n')
    write('units.json', '{"one": {"n": 1}}\n{"two": {"n": 2}, "zero": {"n": 0}}\n')
    write('more.json', '# three\n{"two": {"n": 20}}\n{"three": {"n": 3}}\n')
    write('broken.json', '{"one"\n')
    write('flow.yaml', 'flows:\n  pipe:\n    first: {min_gb: 1, then: pipe.second}\n    second: {min_gb: 1}\n')
    write('broken.yaml', 'flows:\n  first: {min_gb: 1, then: nobody}\n')
    write('side_by_side_tasks.py', 'def divide(work_unit):\n    work_unit.data["quotient"] = 60 // work_unit.data["n"]\n')


def carry_out(words, config):
    """The status, and the output, of one command."""
    out, kept, arguments = StringIO(), sys.stdout, sys.argv
    sys.stdout, sys.argv = out, ['coordinate', '-c', config] + words
    try:
        main()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except Exception:
        traceback.print_exc()
        status = 1
    finally:
        sys.stdout, sys.argv = kept, arguments
        if PYTHON2:
            yakonfig.clear_global_config()
    return status, out.getvalue()


if __name__ == '__main__':
    commands, folder, address, output = sys.argv[1:]
    write_files(folder, address)
    sys.path.insert(0, folder)
    logging.raiseExceptions = False
    answers = []
    with open(commands) as lines:
        for line in lines:
            line = line.strip()
            if not line or line.startswith('#'):
                continue
            words = shlex.split(line.replace('FOLDER', folder))
            status, text = carry_out(words, os.path.join(folder, 'config.yaml'))
            answers.append([line, status, text.replace(folder, 'FOLDER')])
    with open(output, 'w') as out:
        json.dump(answers, out, indent=1)
