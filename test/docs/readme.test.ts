import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { readPage, ROOT } from './pages.js';

let daemon: RunningDaemon;
beforeAll(async () => {
  // What it warns of without these is told beside what it says.
  daemon = await startDaemon(['-retain-finished', '7d', '-retain-failed', '30d']);
});
afterAll(() => daemon.stop());

it('the daemon says at its start what the README shows', () => {
  const { fences } = readPage('README.md');
  const fixed = daemon.output().replace(`:${daemon.rpcPort}\n`, ':5932\n').replace(`:${daemon.httpPort}\n`, ':5980\n');
  expect(fixed).toBe(fences.find(({ language }) => language === '')?.text);
});

it('the README says how to start and how to test', () => {
  const { prose } = readPage('README.md');
  expect(prose).toMatch(/^ {4}npm ci && npm start\b/m);
  expect(prose).toMatch(/^ {4}npm ci && npm test\b/m);
});

it('the session over CBOR-RPC runs as its page says', async () => {
  const { fences } = readPage('docs/cbor-rpc-clients.md');
  const session = fences.find(({ language }) => language === 'js')!.text;
  expect(session).toContain('5932');
  const program = session.replace('5932', String(daemon.rpcPort));
  // From the text, so that cbor-x is found from the folder it is run in.
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const shown = fences.find(({ language }) => language === 'console')!.text;
  expect(stdout).toBe(shown.replace('$ node session.mjs\n', ''));
});

it.each(['/docs', '/openapi.json'])('%s is there', async (path) => {
  expect((await fetch(`http://127.0.0.1:${daemon.httpPort}${path}`)).status).toBe(200);
});
