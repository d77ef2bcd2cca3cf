import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Encodable } from '../../src/cbor/index.js';
import { ByteString, encode, Tagged } from '../../src/cbor/index.js';
import { causeId, causeNumber, causeOf, failureCause, NO_REASON, parseCauseId } from '../../src/domain/cause.js';
import { plainLine, withPlaceholders } from '../../src/domain/cause-text.js';

const of = (content: Encodable): string => causeOf(encode(content));
const PYTHON = `Traceback (most recent call last):
  File "/srv/app/worker.py", line 12, in run
    raise ValueError("bad page 7")
`;

describe('the cause of a failure', () => {
  it.each([
    ['the last line of a Python traceback', `${PYTHON}ValueError: bad page 7\n`, 'ValueError: bad page <number>'],
    ['the line that names the exception', `${PYTHON}ValueError: bad\n  page\nnumber 7\n`, 'ValueError: bad'],
    [
      'the last of several exceptions',
      `${PYTHON}KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n${PYTHON}OSError: [Errno 5] Input/output error\n`,
      'OSError: [Errno <number>] Input/output error',
    ],
    [
      'a group of exceptions',
      '  + Exception Group Traceback (most recent call last):\n  |   File "/a.py", line 1, in <module>\n  |     x()\n' +
        '  | ExceptionGroup: two (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: 1\n',
      'ExceptionGroup: two (<number> sub-exceptions)',
    ],
    [
      'the first line of a Node stack',
      "Error: ENOENT: no such file or directory, open '/tmp/x7'\n    at Object.openSync (node:fs:601:3)\n",
      'Error: ENOENT: no such file or directory, open <text>',
    ],
    [
      'what Node says when it ends',
      '/srv/app.js:10\n    throw new TypeError("x")\n    ^\n\nTypeError: x is not 5\n    at f (/srv/app.js:10:11)\n',
      'TypeError: x is not <number>',
    ],
    [
      'the first line of a Go panic',
      'panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\n',
      'panic: runtime error: index out of range [<number>] with length <number>',
    ],
    [
      'the first line of a Java stack',
      'Exception in thread "main" java.lang.IllegalStateException: no 4 0x1F\n\tat a.B.c(B.java:3)\n',
      'java.lang.IllegalStateException: no <number> <hex>',
    ],
    ['a line', 'no such page', 'no such page'],
  ])('is %s', (_what, traceback, cause) => {
    expect(of({ traceback })).toBe(cause);
    expect(of({ error: traceback })).toBe(cause);
    expect(of({ error: { message: new ByteString(Buffer.from(traceback).latin1Slice()) } })).toBe(cause);
  });

  it('is looked for in cause, traceback, error and the message of error, in this order', () => {
    const all = { message: 'x', error: { message: 'by message' }, traceback: null, cause: 7 };
    expect(of(all)).toBe('by message');
    expect(of({ ...all, error: 'by error' })).toBe('by error');
    expect(of({ ...all, error: 'by error', traceback: 'by traceback' })).toBe('by traceback');
    expect(of({ ...all, traceback: ' \n ' })).toBe('by message');
    expect(of({ ...all, cause: 'page 7 of "x"' })).toBe('page 7 of "x"');
    expect(of({ message: 'x' })).toBe(NO_REASON);
    expect(failureCause({ cause: 'mine', data: encode(all) })).toBe('mine');
    expect(failureCause({ cause: ' ', data: encode(all) })).toBe('by message');
    expect(failureCause({})).toBe(NO_REASON);
    expect(causeOf(Buffer.from('a16974726163656261636bf6', 'hex'))).toBe(NO_REASON);
    expect(causeOf(Buffer.from('bf6974726163656261636b6178ff', 'hex'))).toBe('x');
    expect(of({ deep: [[{ a: new Tagged(1000, 1) }]], traceback: 'x' })).toBe('x');
  });

  it.each([
    ['id 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is gone', 'id <hex> is gone'],
    ['commit 9fceb02d0ae598e95dc970b74767f19372d61af8', 'commit <hex>'],
    ['<Foo object at 0x7f9a2c>', '<Foo object at <hex>>'],
    ['took 1.5s of 10.0.0.1:5432, -7 left', 'took <number>s of <number>:<number>, <number> left'],
    ["can't find b'x' or \"it's\" in `y`", "can't find <text> or <text> in <text>"],
    ["it's 'open", "it's 'open"],
    ['cannot read /var/lib/a b.txt: and/or C:\\x\\y.', 'cannot read <path> b.txt: and/or <path>.'],
    ['get https://host:80/a?b=c&d=7 failed', 'get <path> failed'],
    ['Http404: page12', 'Http404: page<number>'],
    ['\u001b[31mError\u001b[0m: \u0000x\t y', 'Error: x y'],
    [
      'worker17 died at 2026-11-28T20:00:00Z',
      'worker<number> died at <number>-<number>-<number>T<number>:<number>:<number>Z',
    ],
  ])('leaves out what differs: %s', (text, cause) => {
    expect(withPlaceholders(text)).toBe(cause);
  });

  it('is the same whatever number, address, quoted text or path it is about', () => {
    const paths = fc.stringMatching(/^\/[a-z]{1,8}\/[a-z]{1,8}\.[a-z]{1,3}$/);
    const about = fc.record({
      number: fc.nat(),
      hex: fc.nat(),
      text: fc.stringMatching(/^[a-z ]{0,40}$/),
      path: paths,
    });
    const line = (of: { number: number; hex: number; text: string; path: string }): string =>
      `IOError: ${of.number} of 0x${of.hex.toString(16)} in "${of.text}" at ${of.path}`;
    fc.assert(
      fc.property(about, about, (a, b) => withPlaceholders(line(a)) === withPlaceholders(line(b))),
      { numRuns: 200 },
    );
  });

  it('is one line of 300 bytes at most, whatever the data are', () => {
    const isPlain = (cause: string): boolean =>
      Buffer.byteLength(cause) <= 300 && cause !== '' && plainLine(cause) === cause && cause.isWellFormed();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (traceback) => isPlain(of({ traceback }))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        isPlain(causeOf(Buffer.concat([Buffer.of(0xbf), bytes]))),
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (cause) => isPlain(failureCause({ cause }))),
      { numRuns: 300 },
    );
    expect(Buffer.byteLength(of({ traceback: 'é\u{1f600}'.repeat(1000) }))).toBeGreaterThan(290);
  });

  it('takes no time in proportion to what is hostile', () => {
    const hostile = [
      `'a`,
      `"\\`,
      '“',
      '/a',
      '0x',
      'a1',
      '\u001b[',
      'http://',
      '\n  File "',
      '  | ',
      '\\',
      '12345678-',
      '.',
      '-1',
    ];
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      const encoded = encode({ before: text, traceback: text, error: text });
      const begun = performance.now();
      const cause = causeOf(encoded);
      // A hundred times what it takes; what went over all of it from each place would not end today.
      expect(performance.now() - begun).toBeLessThan(1_000);
      expect(Buffer.byteLength(cause)).toBeLessThanOrEqual(300);
    }
    const many = encode(Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [String(at), at])));
    expect(causeOf(many)).toBe(NO_REASON);
  });

  it('has an id of twelve digits that says its number', () => {
    fc.assert(
      fc.property(fc.string(), (cause) => {
        const id = causeId(causeNumber(cause));
        return parseCauseId(id) === causeNumber(cause) && /^([0-9a-f]{12}|other|unknown)$/.test(id);
      }),
    );
    const numbers = new Set(Array.from({ length: 20_000 }, (_, at) => causeNumber(`cause ${at}`)));
    expect(numbers.size).toBe(20_000);
    expect(parseCauseId('x')).toBeUndefined();
    expect(parseCauseId('000000000000')).toBeUndefined();
    expect(causeId(causeNumber('ValueError: bad'))).toMatch(/^[0-9a-f]{12}$/);
  });
});
