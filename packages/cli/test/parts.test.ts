import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawCbor, Tagged, Tuple, Uuid } from 'coordinate-client';
import { parse as parseYaml } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueOf } from '../src/input/definition.js';
import { exactJson } from '../src/input/exact-json.js';
import { meant } from '../src/input/meant.js';
import { jsonText } from '../src/output/json.js';
import { cellOf, TableWriter } from '../src/output/table.js';
import { yamlText } from '../src/output/yaml.js';
import { settingsOf } from '../src/settings/settings.js';
import { Arguments } from '../src/table/arguments.js';
import { COMMANDS } from '../src/table/commands.js';
import { helpOf } from '../src/table/help.js';
import { optionsOf } from '../src/table/parse.js';
import { run } from './io.js';

describe('what is shown in a terminal', () => {
  const hostile = '\x1b]0;title\x07\x9b31m\u202egpj.exe\u2028\ud800 "quoted"\\ \r\n end';

  it.each([
    ['a cell', cellOf(hostile)],
    ['JSON', jsonText({ [hostile]: hostile })],
    ['YAML', yamlText({ [hostile]: hostile }).replaceAll('\n', '')],
  ])('has nothing in it that a terminal carries out: %s', (_, text) => {
    // eslint-disable-next-line no-control-regex -- those are what it is about
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202a-\u202e]/);
    expect(text.isWellFormed()).toBe(true);
  });

  it('says the same to programs', () => {
    expect(JSON.parse(jsonText({ [hostile]: [hostile] }))).toEqual({ [hostile]: [hostile] });
    expect(parseYaml(yamlText({ [hostile]: [hostile] }))).toEqual({ [hostile]: [hostile] });
  });

  it('stands below each other where characters are wide', () => {
    const writer = new TableWriter([
      { title: 'name', value: ({ name }: { name: string; n: number }) => name },
      { title: 'n', value: ({ n }) => n, isNumber: true },
    ]);
    expect(
      writer.begin([
        { name: '猫猫', n: 1 },
        { name: 'e\u0301', n: 1000 },
      ]),
    ).toEqual(['NAME      N', '猫猫      1', 'e\u0301     1,000'.replace('e\u0301     ', 'e\u0301     ')]);
  });
});

describe('data', () => {
  const odd = new Map<unknown, unknown>([
    [1, 2n ** 70n],
    ['t', new Tuple([new Uuid(new Uint8Array(16)), new Uint8Array([255]), new Uint8Array([65])])],
    ['x', new Tagged(99, NaN)],
    ['$', { $bytes: 'a key' }],
    ['raw', new RawCbor(new Uint8Array([0xf7]))],
  ]);

  it.each([
    ['JSON', (value: unknown) => exactJson(jsonText(value))],
    ['indented JSON', (value: unknown) => exactJson(jsonText(value, 2))],
    ['YAML', (value: unknown) => valueOf(yamlText(value))],
  ])('come back from %s as they were', (_, through) => {
    expect(through(odd)).toEqual(odd);
    const plain = { a: [1, -5, 2 ** 53 - 1, 1.5, null, true, ''], ['__proto__']: { b: 'c' } };
    expect(JSON.stringify(through(plain))).toBe(JSON.stringify(plain));
  });

  it('are read exactly: integers of any size, and floats that are whole', () => {
    const read = exactJson(
      '{"i": -123456789012345678901, "f": 2.0, "e": 1e3, "z": -0, "s": "1.0 \\" 12345678901234567"}',
    );
    expect(read).toMatchObject({ i: -123456789012345678901n, z: -0, s: '1.0 " 12345678901234567' });
    expect((read as { f: unknown }).f).toEqual(meant({ $float: 2 }));
    expect((read as { e: unknown }).e).toBeInstanceOf(RawCbor);
    for (const text of ['{"a": 12345678901234567', '[12345678901234567,]', '01234567890123456789', '{"a" 1.0}']) {
      expect(() => exactJson(text), text).toThrow(SyntaxError);
    }
  });
});

describe('settings', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'coordinate-cli-'));
    writeFileSync(join(folder, 'token'), 'coord_secret\n');
    writeFileSync(
      join(folder, 'profiles.yaml'),
      'profile: near\nprofiles: {near: {url: "http://near:1", namespace: n, token_file: token}, far: {url: ["http://far:1", "http://far:2"], output: json}}',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('go flag, environment, profile, and what is usual', () => {
    const config = join(folder, 'profiles.yaml');
    const of = (values: Record<string, unknown>, env: Record<string, string> = {}) =>
      settingsOf(new Arguments(values as Record<string, string>, []), { env: { XDG_CONFIG_HOME: '/nowhere', ...env } });
    expect(of({})).toMatchObject({ urls: ['http://127.0.0.1:5980'], namespace: '', output: 'table', token: undefined });
    expect(of({ config })).toMatchObject({ urls: ['http://near:1'], namespace: 'n', token: 'coord_secret' });
    expect(of({ config }, { COORDINATE_PROFILE: 'far' })).toMatchObject({
      urls: ['http://far:1', 'http://far:2'],
      output: 'json',
    });
    const env = { COORDINATE_NAMESPACE: 'e', COORDINATE_URL: 'http://e:1', COORDINATE_TOKEN: 'from env' };
    expect(of({ config }, env)).toMatchObject({ urls: ['http://e:1'], namespace: 'e', token: 'from env' });
    const flags = { config, url: ['http://f:1'], namespace: 'f', 'token-file': join(folder, 'token') };
    expect(of(flags, env)).toMatchObject({ urls: ['http://f:1'], namespace: 'f', token: 'coord_secret' });
    expect(() => of({ config, profile: 'none' })).toThrow('there is no profile none');
    expect(() => of({ 'token-file': '/nowhere/token' })).toThrow('the token cannot be read');
    expect(() => of({}, { COORDINATE_OUTPUT: 'xml' })).toThrow('the output is one of');
  });

  it('are understood as historic workers have them', () => {
    const config = join(folder, 'historic.yaml');
    writeFileSync(config, 'coordinate:\n  addresses: ["queue:5932"]\n  namespace: old\nother: !include_yaml x.yaml\n');
    expect(settingsOf(new Arguments({ config }, []), { env: {} })).toMatchObject({
      urls: ['http://queue:5980'],
      rpcAddresses: ['queue:5932'],
      namespace: 'old',
    });
  });

  it('send no token to other machines for all to read', async () => {
    const argv = ['spec', 'list', '--url', 'http://example.com', '--token-file', join(folder, 'token')];
    expect(await run(argv)).toMatchObject({ status: 2, stderr: expect.stringContaining('insecure') as string });
  });
});

describe('the command line', () => {
  it('says what there is, and how the program ends', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const { words } of COMMANDS.filter(({ isHidden }) => !isHidden))
      expect(help.stdout).toContain(`\n  ${words} `);
    expect(help.stdout).toContain('  5  the daemon, or its storage, is away');
    expect((await run(['unit', 'add', '-h'])).stdout).toContain('Usage: coordinate unit add [options] SPEC [UNIT…]');
    expect((await run(['help', 'unit', 'add'])).stdout).toContain('Also called addwork.');
    expect((await run(['unit'])).stdout).toContain('unit retry');
    expect((await run([])).status).toBe(2);
  });

  it.each([
    [['spce', 'list'], 'there is no command spce list'],
    [['spec', 'shwo', 'x'], 'there is no command spec shwo'],
    [['spec', 'show'], 'spec show: SPEC is missing'],
    [['spec', 'show', 'a', 'b'], 'what is b for?'],
    [['spec', 'list', '--nmaes'], "Unknown option '--nmaes'"],
    [['unit', 'list', 's', '-s', 'done'], '--status is one of available'],
    [['unit', 'list', 's', '-n', '0'], '--limit takes a whole number from 1 on: 0'],
    [['unit', 'add', 's', 'u', '--delay', 'soon'], '--delay takes a duration'],
    [['unit', 'add', 's', 'u', '--data', '[1]'], 'data are a map'],
    [['unit', 'add', 's', '-u', '/nowhere'], 'the units cannot be read'],
    [['-c', '/nowhere', 'spec', 'list'], 'the configuration cannot be read'],
  ])('refuses %j', async (argv, message) => {
    expect(await run(argv)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(message) as string,
    });
  });

  it('says that the daemon is away', async () => {
    expect(await run(['spec', 'list', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('has options of different names and letters in each command, and words of one command only', () => {
    for (const command of COMMANDS) {
      const own = optionsOf(command).flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]);
      expect(new Set(own).size, command.words).toBe(own.length);
      expect(helpOf(command)).toContain('Exit codes:');
    }
    const words = COMMANDS.flatMap(({ words, aliases = {} }) => [words, ...Object.keys(aliases)]);
    expect(new Set(words).size).toBe(words.length);
  });
});
