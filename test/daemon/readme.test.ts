import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';

const ROOT = join(import.meta.dirname, '../..');

/** The text between the fences after `opening`. */
function block(readme: string, opening: string): string {
  const begin = readme.indexOf(opening) + opening.length;
  expect(begin).toBeGreaterThanOrEqual(opening.length);
  return readme.slice(begin, readme.indexOf('```', begin));
}

test('the first session of the README runs as it says', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const session = block(readme, '```js\n');
  const daemon = await startDaemon();
  try {
    const banner = block(readme, '$ npm ci && npm start\n');
    const fixed = daemon
      .output()
      .replace(`:${daemon.rpcPort}\n`, ':5932\n')
      .replace(`:${daemon.httpPort}\n`, ':5980\n');
    expect(fixed).toBe(banner);

    expect(session).toContain('5932');
    const program = session.replace('5932', String(daemon.rpcPort));
    // From the text, so that cbor-x is found from the folder it is run in.
    const args = ['--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 15_000 });
    expect(stdout).toBe(block(readme, '$ node session.mjs\n'));

    const [, path, body] = /\$ curl -s http:\/\/127\.0\.0\.1:5980(\S+)\n(.*)\n/.exec(readme) ?? [];
    expect(await (await fetch(`http://127.0.0.1:${daemon.httpPort}${path}`)).text()).toBe(body);
    for (const page of ['/docs', '/openapi.json']) {
      expect((await fetch(`http://127.0.0.1:${daemon.httpPort}${page}`)).status).toBe(200);
    }
  } finally {
    await daemon.stop();
  }
});
