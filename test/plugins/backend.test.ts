import { expect, it } from 'vitest';
import { describeBackend, maskBackend, parseBackend } from '../../src/config/backend.js';
import { ValueError } from '../../src/config/errors.js';
import { runDaemon, startDaemon } from '../support/daemon.js';
import { testFolder } from '../support/files.js';
import { FULL_SIZE } from '../support/full-size.js';
import { BACKEND } from './written.js';

const { file } = testFolder();

it('a backend may be called as a plug-in does, where there are plug-ins, and shows no password', () => {
  expect(parseBackend('shelf', {}, true)).toEqual({ kind: 'plugin', name: 'shelf', rest: '' });
  expect(parseBackend('shelf:a:b', {}, true)).toEqual({ kind: 'plugin', name: 'shelf', rest: 'a:b' });
  for (const text of ['memory:', 'http:', 'Shelf', '']) expect(() => parseBackend(text, {}, true)).toThrow(ValueError);
  expect(() => parseBackend('shelf', {})).toThrow(ValueError);
  const withSecret = parseBackend('shelf://me:hunter2@host/x', {}, true);
  expect([describeBackend(withSecret), maskBackend(withSecret)]).toEqual(['shelf', 'shelf://me:***@host/x']);
  expect(maskBackend(parseBackend('shelf:/var/x', {}, true))).toBe('shelf:/var/x');
});

it('a plug-in brings a backend, which is opened at the start and closed at the end', async () => {
  const plugin = file('shelf.mjs', BACKEND);
  const daemon = await startDaemon(['-plugin', plugin, '-backend', 'shelf:left']);
  const at = `http://127.0.0.1:${daemon.httpPort}/namespace/n/work_spec`;
  const headers = { 'content-type': 'application/json' };
  await fetch(at, { method: 'POST', headers, body: JSON.stringify({ data: { name: 's' } }) });
  expect(await (await fetch(at)).json()).toMatchObject({ work_specs: [{ name: 's' }] });
  // What the repositories throw are errors of the model to the daemon, too.
  expect((await fetch(`${at}/nowhere/counts`)).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`)).status).toBe(200);
  // It tells the daemon's observers what happens to work.
  await fetch(`${at}/s/add`, { method: 'POST', headers, body: JSON.stringify({ work_units: [{ name: 'u' }] }) });
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toContain('coordinate_added_total{namespace="n",work_spec="s"} 1\n');
  expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  expect(daemon.output()).toMatch(/: storage shelf\n/);
  expect(daemon.output()).toContain('opened with left');
  expect(daemon.output()).toContain('closed');
});

it.runIf(FULL_SIZE)('a backend that nobody brings, or that cannot be opened, ends the start with a line', async () => {
  const plugin = file('shelf.mjs', BACKEND);
  const nobody = await runDaemon(['check-config', '-plugin', plugin, '-backend', 'sqlite']);
  expect(nobody).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^coordinated: flag -backend: is none of memory, .*, nor one that a plug-in brings\n$/,
    ) as string,
  });
  const broken = await runDaemon(['-plugin', plugin, '-backend', 'shelf:broken']);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain(
    `coordinated: plug-in ${plugin}: its backend shelf cannot be opened: no such shelf\n`,
  );
});
