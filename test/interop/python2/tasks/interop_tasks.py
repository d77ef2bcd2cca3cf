# -*- coding: utf-8 -*-
"""What the workers of the tests do. Python 2.7; each function is called with a unit and the spec's run_params."""
import os
import time


def square(work_unit, folder):
    """Squares a number, and passes it on to the next work spec. Hangs the first time, if it is told to."""
    note(folder, 'square', work_unit)
    if work_unit.data.get('hang') and not os.path.exists(os.path.join(folder, 'hanging')):
        publish(folder, 'hanging', str(os.getpid()))
        time.sleep(600)
    number = work_unit.data['n']
    work_unit.data['output'] = [
        ('%s-squared' % work_unit.key, {'square': number * number, 'from': (number, u'\xe4')}, {'priority': 1}),
    ]


def double(work_unit, folder):
    """Doubles what `square` made."""
    note(folder, 'double', work_unit)
    assert work_unit.data['from'] == (work_unit.data['from'][0], u'\xe4'), work_unit.data
    work_unit.data['doubled'] = 2 * work_unit.data['square']


def divide(work_unit):
    """Fails for zero."""
    work_unit.data['quotient'] = 60 / work_unit.data['n']


def note(folder, name, work_unit):
    """Adds a line to the log of what was run. One write, so that lines of several processes do not mix."""
    log = os.open(os.path.join(folder, 'log'), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, '%s %s\n' % (name, work_unit.key))
    os.close(log)


def publish(folder, name, text):
    """Writes a file that is there whole or not at all."""
    path = os.path.join(folder, name)
    with open(path + '.new', 'w') as out:
        out.write(text)
    os.rename(path + '.new', path)
