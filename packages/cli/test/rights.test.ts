import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'coordinate-client';
import { beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';
import { type Ran, run } from './io.js';

let daemon: RunningDaemon;
let url: string;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-cli-'));
  const rights = { all: 'submit, work, define, admin', read: 'read', work: 'work', submit: 'submit' };
  const callers = Object.entries(rights).map(([name, list]) => {
    const hash = createHash('sha256').update(`token-of-${name}`).digest('hex');
    return `{name: ${name}, token_sha256: ${hash}, rights: {demo: [${list}]}}`;
  });
  const file = join(folder, 'callers.yaml');
  writeFileSync(file, `callers: [${callers.join(', ')}]`);
  daemon = await startDaemon(['-cborrpc', 'off', '-auth-tokens', file]);
  url = `http://127.0.0.1:${daemon.httpPort}`;
  const coordinate = connect(url, { token: 'token-of-all', namespace: 'demo' });
  await coordinate.spec('s').set();
  await coordinate.spec('s').add(['u']);
  await coordinate.worker('w').update({ mode: 'RUN' });
  coordinate.close();
  return async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  };
});

const as = (caller: string | undefined, argv: readonly string[], namespace = 'demo'): Promise<Ran> =>
  run([...argv, '--namespace', namespace], {
    env: { COORDINATE_URL: url, COORDINATE_TOKEN: caller && `token-of-${caller.replaceAll(' ', '-')}` },
  });

const LOOKS = [
  ['spec', 'list'],
  ['spec', 'show', 's'],
  ['spec', 'counts', 's'],
  ['unit', 'list', 's'],
  ['unit', 'show', 's', 'u'],
  ['worker', 'list'],
  ['worker', 'show', 'w'],
  ['worker', 'counts'],
  ['attempt', 'list', 's', 'u'],
  ['namespace', 'show'],
];
/** And who may do it. */
const CHANGES: readonly (readonly [argv: readonly string[], right: string])[] = [
  [['unit', 'add', 's', 'v'], 'submit'],
  [['unit', 'retry', 's', '--all'], 'submit'],
  [['unit', 'prioritize', 's', 'u'], 'submit'],
  [['unit', 'delete', 's', 'v', '--yes'], 'submit'],
  [['spec', 'set', 's', 'x=1'], 'all'],
  [['spec', 'pause', 's'], 'all'],
  [['spec', 'resume', 's'], 'all'],
];

it.each(LOOKS)('%s %s is for those who may read, and for nobody else', async (...argv) => {
  expect(await as('read', argv)).toMatchObject({ status: 0, stderr: '' });
  expect(await as(undefined, argv)).toMatchObject({ status: 4, stdout: '' });
  expect(await as('nobody that is known', argv)).toMatchObject({ status: 4, stdout: '' });
  expect(await as('read', argv, 'another')).toMatchObject({ status: 4, stdout: '' });
});

it.each(CHANGES)('%j is for those who may %s, and for nobody else', async (argv, right) => {
  expect(await as(right, argv)).toMatchObject({ status: 0, stderr: '' });
  const others = ['read', 'work', 'submit'].filter((caller) => caller !== right);
  for (const caller of others) expect(await as(caller, argv), caller).toMatchObject({ status: 4, stdout: '' });
  expect(await as('all', argv, 'another')).toMatchObject({ status: 4, stdout: '' });
});

it('what can not be undone comes last', async () => {
  for (const argv of [
    ['spec', 'delete', 's', '-y'],
    ['namespace', 'delete', '-y'],
  ]) {
    for (const caller of ['read', 'work', 'submit']) expect(await as(caller, argv)).toMatchObject({ status: 4 });
    expect(await as('all', argv)).toMatchObject({ status: 0 });
  }
});
