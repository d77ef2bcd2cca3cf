import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../tools/what-failed.mjs');

/** What the summary of .ci/run says of a stage that has written this. */
function summaryOf(output: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { input: output, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

const RED = '\u001b[41m\u001b[1m';
const PLAIN = '\u001b[22m\u001b[49m';

it('names the first tests of vitest that failed, each with its reason, in one line without colours', () => {
  const failed = (name: string): string => `${RED} FAIL ${PLAIN} \u001b[30m\u001b[46m together ${PLAIN} test/${name}`;
  const output = [
    ' ✓ |together| test/a.test.ts (3 tests) 20ms',
    ' ❯ |together| test/b.test.ts (4 tests | 4 failed) 8ms',
    '   × one 5ms',
    '⎯⎯⎯⎯⎯⎯⎯ Failed Tests 4 ⎯⎯⎯⎯⎯⎯⎯',
    '',
    failed('b.test.ts > a suite > one'),
    `${RED}AssertionError${PLAIN}: expected 5 to be less than 3`,
    ' ❯ test/b.test.ts:1:2',
    failed('b.test.ts > a suite > two'),
    failed('b.test.ts > a suite > three'),
    'TypeError: no',
    failed('b.test.ts > a suite > four'),
    ' Test Files  1 failed | 1 passed (2)',
  ];
  expect(summaryOf(output.join('\n'))).toBe(
    'test/b.test.ts > a suite > one: AssertionError: expected 5 to be less than 3; test/b.test.ts > a suite > two; ' +
      'test/b.test.ts > a suite > three: TypeError: no; 1 more\n',
  );
});

it('says of a property what repeats it, and the error in it', () => {
  const output = [
    ' FAIL   together  test/a.test.ts > holds',
    'Error: Property failed after 86 tests',
    '{ seed: -991012626, path: "105:0:0:0", endOnFailure: true }',
    'Counterexample: [[{"move":{"by":0}}]]',
    '',
    'Caused by: AssertionError: the answer to step 13',
  ];
  expect(summaryOf(output.join('\n'))).toBe(
    'test/a.test.ts > holds: Error: Property failed after 86 tests (seed: -991012626) Caused by: AssertionError: the answer to step 13\n',
  );
});

it.each([
  [
    'a compiler',
    'src/a.ts(1,2): error TS2322: no\nFound 1 error.\n',
    'src/a.ts(1,2): error TS2322: no; Found 1 error.\n',
  ],
  ['an error outside of tests', 'an error\n⎯⎯⎯ Unhandled Rejection ⎯⎯⎯\nError: away\n', 'Error: away\n'],
  ['unittest', 'FAIL: test_x (a.B)\n----\nAssertionError: 1\n', 'test_x (a.B)\n'],
  ['Go', '=== RUN TestX\r\n--- FAIL: TestX (0.00s)\r\nFAIL\tpkg\t0.1s\r\n', 'TestX (0.00s); pkg 0.1s\n'],
  ['what says nothing of a failure', 'one\n\ntwo\n\n', 'two\n'],
  ['nothing', '', ''],
])('reads %s', (_, output, summary) => {
  expect(summaryOf(output)).toBe(summary);
});

it('is short, whatever was written', () => {
  const long = Array.from({ length: 9 }, (_, i) => `Error ${i} ${'x'.repeat(5_000)}`).join('\n');
  expect(summaryOf(long).length).toBeLessThan(710);
});
