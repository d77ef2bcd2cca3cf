import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'coordinate-client';
import { beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../../test/support/daemon.js';
import { COMMANDS } from '../src/table/commands.js';
import { type Ran, run } from './io.js';

let daemon: RunningDaemon;
let url: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-cli-'));
  const rights = { all: 'submit, work, define, admin', read: 'read', work: 'work', submit: 'submit', define: 'define' };
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
  await coordinate.spec('s').add(['u', 'held']);
  await coordinate.spec('nightly').set({ flow: { schedule: { cron: '0 2 * * *' } } });
  await coordinate.worker('w').makeAttempt('s', 'held');
  writeFileSync(join(folder, 'spec.yaml'), 'name: loaded\n');
  writeFileSync(join(folder, 'flows.yaml'), 'flows: {a: {min_gb: 1}}\n');
  writeFileSync(join(folder, 'units.jsonl'), '"a"\n');
  await coordinate.worker('w').update({ mode: 'RUN' });
  coordinate.close();
  return async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true });
  };
});

const as = (caller: string | undefined, argv: readonly string[], namespace = 'demo'): Promise<Ran> =>
  run(['--namespace', namespace, ...argv], {
    env: { COORDINATE_URL: url, COORDINATE_TOKEN: caller && `token-of-${caller.replaceAll(' ', '-')}` },
  });

const LOOKS = [
  ['spec', 'list'],
  ['spec', 'show', 's'],
  ['spec', 'counts', 's'],
  ['spec', 'history', 's'],
  ['failures', 's'],
  ['unit', 'list', 's'],
  ['unit', 'show', 's', 'u'],
  ['worker', 'list'],
  ['worker', 'show', 'w'],
  ['worker', 'counts'],
  ['attempt', 'list', 's', 'u'],
  ['attempt', 'show', 's', 'held'],
  ['namespace', 'show'],
  ['watch', '--count', '1'],
  ['top', '--count', '1'],
];
/** And who may do it. */
const CHANGES: readonly (readonly [argv: readonly string[], right: string])[] = [
  [['unit', 'add', 's', 'v'], 'submit'],
  [['unit', 'retry', 's', '--all'], 'submit'],
  [['unit', 'prioritize', 's', 'u'], 'submit'],
  [['unit', 'edit', 's', 'u', '--data', '{"width": 640}', '--yes'], 'submit'],
  [['unit', 'cancel', 's', '--all', '--yes'], 'submit'],
  [['unit', 'delete', 's', 'v', '--yes'], 'submit'],
  [['spec', 'run', 'nightly'], 'submit'],
  [['run', 's', '--until-empty', '--', 'true'], 'work'],
  [['spec', 'set', 's', 'x=1'], 'define'],
  [['flow', 'FOLDER/flows.yaml'], 'define'],
  [['load', '-w', 'FOLDER/spec.yaml', '--no-work'], 'define'],
  [['load', '-w', 'FOLDER/spec.yaml', '-u', 'FOLDER/units.jsonl'], 'all'],
  [['bench', '--units', '2'], 'all'],
  [['demo', '--seconds', '1'], 'all'],
  [['namespace', 'create', 'demo'], 'all'],
  [['spec', 'pause', 's'], 'all'],
  [['spec', 'resume', 's'], 'all'],
];
/** They are seen in tests of their own, below. */
const OTHERS = ['spec delete', 'namespace delete', 'namespace list', 'doctor'];
/** They ask the daemon for nothing that they would fail without. */
const OPEN = ['completion', 'complete'];

it('all commands are in one of these tables', () => {
  const tried = [...LOOKS, ...CHANGES.map(([argv]) => argv)].map(([noun, verb]) => [`${noun} ${verb}`, noun]).flat();
  const missing = COMMANDS.filter(({ words }) => ![...tried, ...OTHERS, ...OPEN].includes(words));
  expect(missing.map(({ words }) => words)).toEqual([]);
});

it.each(LOOKS)('%s %s is for those who may read, and for nobody else', async (...argv) => {
  expect(await as('read', argv)).toMatchObject({ status: 0, stderr: '' });
  expect(await as(undefined, argv)).toMatchObject({ status: 4, stdout: '' });
  expect(await as('read', argv, 'another')).toMatchObject({ status: 4, stdout: '' });
});

it.each(CHANGES)('%j is for those who may %s, and for nobody else', async (words, right) => {
  const argv = words.map((word) => word.replace('FOLDER', folder));
  const others = ['read', 'work', 'submit', 'define'].filter((caller) => caller !== right);
  for (const caller of [...others, undefined]) {
    expect(await as(caller, argv), caller).toMatchObject({ status: 4, stdout: '' });
  }
  const elsewhere = words[0] === 'namespace' ? ['namespace', 'create', 'another'] : argv;
  expect(await as('all', elsewhere, 'another')).toMatchObject({ status: 4, stdout: '' });
  expect(await as(right, argv)).toMatchObject({
    status: 0,
    stderr: expect.not.stringContaining('coordinate:') as string,
  });
});

it('namespaces are listed as far as the caller may read them', async () => {
  expect(await as('read', ['namespace', 'list', '--names'])).toMatchObject({ status: 0, stdout: 'demo\n' });
  expect(await as(undefined, ['namespace', 'list'])).toMatchObject({ status: 4, stdout: '' });
});

it('a token that nobody knows is for nothing, and who guesses them has to wait', async () => {
  for (const argv of [LOOKS[0], CHANGES[0][0]]) {
    expect(await as('nobody that is known', argv)).toMatchObject({ status: 4, stdout: '' });
  }
  for (let guesses = 0; guesses < 100; guesses++) {
    const { status, stderr } = await as('nobody that is known', LOOKS[0]);
    if (status === 4) continue;
    return expect([status, stderr]).toEqual([5, expect.stringContaining('too many')]);
  }
  expect.fail('tokens can be guessed without end');
});

it('the doctor says that the caller may not', async () => {
  const argv = ['doctor', '--wait', '0s'];
  expect((await as('read', argv)).stdout).toMatch(/^rights +good /m);
  expect(await as('read', argv, 'another')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^rights +trouble /m) as string,
  });
  expect(await as(undefined, argv)).toMatchObject({ status: 1, stdout: expect.stringMatching(/trouble/) as string });
});

it('what can not be undone comes last', async () => {
  for (const argv of [
    ['spec', 'delete', 's', '-y'],
    ['namespace', 'delete', '-y'],
  ]) {
    for (const caller of ['read', 'work', 'submit', 'define'])
      expect(await as(caller, argv)).toMatchObject({ status: 4 });
    expect(await as('all', argv)).toMatchObject({ status: 0 });
  }
});
