import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, expect, it, vi } from 'vitest';
import { Callers } from '../../src/access/callers.js';
import { readCallersFile } from '../../src/access/callers-file.js';
import { rightSet } from '../../src/access/right.js';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { token } from '../../src/commands/token.js';
import { loadConfig } from '../../src/config/load.js';

const folder = mkdtempSync(join(tmpdir(), 'coordinate-callers-'));
const file = join(folder, 'callers.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: unknown): ReturnType<typeof readCallersFile> {
  writeFileSync(file, typeof content === 'string' ? content : stringify(content));
  return readCallersFile(file);
}

it('has rights by whole names and by beginnings, which add up', () => {
  const [{ identity }] = read({
    callers: [{ name: 'a', rights: { demo: ['work'], 'de*': ['submit'], '*': ['operate'] } }],
  });
  expect(identity.rights.in('demo')).toBe(rightSet(['work', 'submit', 'operate']));
  expect(identity.rights.in('dev')).toBe(rightSet(['submit', 'operate']));
  expect(identity.rights.in('Demo')).toBe(rightSet(['operate']));
  expect(identity.rights.everywhere).toBe(rightSet(['operate']));
});

const hash = hashOfToken('x');
it.each<[string, unknown]>([
  ['the file must be a map', ''],
  ['callers must be a list', { callers: 'ci' }],
  ['tokens is not known, only callers', { callers: [], tokens: [] }],
  ['callers[0].name must be a text that is not empty', { callers: [{ rights: {} }] }],
  ['callers[0].right is not known', { callers: [{ name: 'a', right: {} }] }],
  ['callers[0].rights must be a map', { callers: [{ name: 'a' }] }],
  [
    'callers[0].rights["n"][1] must be one of read, submit',
    { callers: [{ name: 'a', rights: { n: ['read', 'root'] } }] },
  ],
  ['callers[0].rights["n"][0]: operate is for "*" only', { callers: [{ name: 'a', rights: { n: ['operate'] } }] }],
  ['callers[0].rights["a*b"]: * may only be the last', { callers: [{ name: 'a', rights: { 'a*b': ['read'] } }] }],
  ['callers[0].token_sha256 must be 64 hexadecimal', { callers: [{ name: 'a', rights: {}, token_sha256: 'abc' }] }],
  ['callers[0].token_file: ENOENT', { callers: [{ name: 'a', rights: {}, token_file: '/nowhere/token' }] }],
  ['callers[0].workers must be a text', { callers: [{ name: 'a', rights: {}, workers: '' }] }],
  [
    'callers[0].workers is for callers with no other rights than read and work: submit',
    { callers: [{ name: 'a', rights: { n: ['work'], '*': ['submit'] }, workers: 'ci-' }] },
  ],
  ['callers[0].expires must be a date', { callers: [{ name: 'a', rights: {}, expires: 'soon' }] }],
  ['callers[1] has the same name as callers[0]', { callers: [1, 2].map(() => ({ name: 'a', rights: {} })) }],
  [
    'callers[1] has the same token as callers[0]',
    { callers: ['a', 'b'].map((name) => ({ name, rights: {}, token_sha256: hash })) },
  ],
])('is refused because %s', (reason, content) => {
  expect(() => read(content)).toThrow(`-auth-tokens ${file}: ${reason}`);
});

it('takes a token from a file as well', () => {
  const path = join(folder, 'token');
  const made = makeToken();
  writeFileSync(path, `${made}\n`);
  expect(read({ callers: [{ name: 'a', rights: {}, token_file: path }] })[0].tokenHash).toBe(hashOfToken(made));
  writeFileSync(path, 'short');
  expect(() => read({ callers: [{ name: 'a', rights: {}, token_file: path }] })).toThrow('fewer than 20 characters');
});

it('has to have the caller of -rpc-caller', () => {
  read({ callers: [{ name: 'a', rights: {} }] });
  expect(() => new Callers('', { tokens: file, rpcCaller: 'b' })).toThrow('has no caller b for -rpc-caller');
  read({ callers: [{ name: 'a', rights: {}, workers: 'ci-' }] });
  expect(() => new Callers('', { tokens: file, rpcCaller: 'a' })).toThrow(
    '-rpc-caller a: may act for some workers only',
  );
  expect(() => new Callers('', { tokens: undefined, rpcCaller: 'b' })).toThrow('-rpc-caller needs -auth-tokens');
});

it('coordinated token makes a token and the entry that knows it', async () => {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    const loaded = loadConfig(['token', 'ci', '--right', 'work@demo', '--right', 'read@team-*'], {
      env: {},
      isTerminal: false,
    });
    if (!('config' in loaded)) throw new Error('no command');
    expect(await token(loaded)).toBe(0);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  expect(written.stdout).toMatch(/^coord_[\w-]{43}[0-9A-Za-z]{6}\n$/);
  const entry = written.stderr.slice(written.stderr.indexOf('  - name'));
  const [{ identity, tokenHash }] = read(`callers:\n${entry}`);
  expect(tokenHash).toBe(hashOfToken(written.stdout.trim()));
  expect([identity.name, identity.rights.in('demo'), identity.rights.in('team-1')]).toEqual([
    'ci',
    rightSet(['work']),
    rightSet(['read']),
  ]);
});
