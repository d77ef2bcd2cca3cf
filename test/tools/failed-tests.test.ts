import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../support/files.js';

const ROOT = join(import.meta.dirname, '../..');
const folder = testFolder();

it('names the files and the tests that failed, and files that failed without any', () => {
  const of = (name: string, status: string, ...tests: string[]) => ({
    name: join(ROOT, name),
    status,
    assertionResults: tests.map((test) => ({ fullName: test, status: test.startsWith('not') ? 'failed' : 'passed' })),
  });
  const testResults = [
    of('test/a.test.ts', 'passed', 'holds'),
    of('test/b.test.ts', 'failed', 'holds', 'not this', 'not that'),
    of('test/c.test.ts', 'failed'),
  ];
  const report = folder.file('report.json', JSON.stringify({ testResults }));
  const said = (...options: string[]) =>
    execFileSync(process.execPath, ['tools/failed-tests.mjs', report, ...options], { cwd: ROOT, encoding: 'utf8' });
  expect(said()).toBe(`${join(ROOT, 'test/b.test.ts')}\n${join(ROOT, 'test/c.test.ts')}\n`);
  expect(said('--names')).toBe('test/b.test.ts > not this; test/b.test.ts > not that; test/c.test.ts\n');
});
