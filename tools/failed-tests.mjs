// The files in which tests failed, a line each, by a report that vitest has written with --reporter=json:
//   node tools/failed-tests.mjs REPORT
// With --names behind it, one line that names the tests themselves.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [report, how] = process.argv.slice(2);
const failed = JSON.parse(readFileSync(report, 'utf8')).testResults.filter(({ status }) => status === 'failed');
if (how === '--names') {
  const tests = failed.flatMap(({ name, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const titles = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    return titles.length === 0 ? [file] : titles.map((title) => `${file} > ${title}`);
  });
  console.log(tests.join('; '));
} else {
  for (const { name } of failed) console.log(name);
}
