import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.js';
import { FLAG_NAMES, environmentName } from '../../src/config/flags.js';
import { helpText } from '../../src/config/help.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/config.js';
import { DAY, MINUTE } from '../../src/domain/time.js';
import { testFolder } from '../support/files.js';

const { path, file } = testFolder();

const MEMORY = 10 * 1024 ** 3;

function load(args: string[], env: Record<string, string> = {}, isTerminal = false): Config {
  const loaded = loadConfig(args, { env, isTerminal, memoryBytes: MEMORY });
  if (loaded.action !== 'start') throw new Error(`asked to ${loaded.action}`);
  return loaded.config;
}

function failure(args: string[], env: Record<string, string> = {}): { message: string; exitCode: number } {
  try {
    load(args, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message, exitCode } = error as ConfigError;
    expect(message).not.toContain('\n');
    return { message, exitCode };
  }
  throw new Error(`not refused: ${args.join(' ')}`);
}

describe('defaults', () => {
  test('are those of the documentation', () => {
    expect(load([])).toEqual({
      backend: { kind: 'memory' },
      cborRpc: { host: '127.0.0.1', port: 5932 },
      http: { host: '127.0.0.1', port: 5980 },
      namespace: '',
      clientConfig: undefined,
      auth: { tokens: undefined, rpcCaller: undefined, rpcAllow: [], rate: undefined, metricsOpen: false },
      tls: undefined,
      web: { corsOrigins: [], allowedHosts: [], trustedProxies: [], basePath: '' },
      ui: 'on',
      testClock: false,
      log: { requests: false, format: 'json', level: 'info', metrics: false, metricPeriod: 2 * MINUTE },
      retention: { finished: {}, failed: {}, workers: { age: 7 * DAY } },
      limits: {
        maxMessageBytes: 64 * 1024 * 1024,
        maxConnections: 10_000,
        maxBufferedBytes: 256 * 1024 * 1024,
        maxMemoryBytes: 0.8 * MEMORY,
        historyMemoryBytes: 64 << 20,
        maxRequests: 1_000,
        stallTimeout: 2 * MINUTE,
        idleTimeout: undefined,
      },
      metrics: { maxSpecs: 1_000 },
      plugins: [],
    });
  });

  test('the log is pretty on a terminal', () => {
    expect(load([], {}, true).log.format).toBe('pretty');
  });

  test('every part is frozen', () => {
    const config = load([]);
    for (const part of [config, config.log, config.retention.workers, config.limits, config.http]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('the command line', () => {
  test.each([
    [['-http', ':1234']],
    [['--http', ':1234']],
    [['-http=:1234']],
    [['--http=:1234']],
    [['-http', ':1', '--http=:1234']],
  ])('%j', (args) => {
    expect(load(args).http).toEqual({ host: '', port: 1234 });
  });

  test('historic invocations', () => {
    const config = file('config.yaml', 'coordinate: {}\n');
    expect(load(['-cborrpc', ':5932', '-http', ':5980', '-config', config])).toMatchObject({
      cborRpc: { host: '', port: 5932 },
      http: { host: '', port: 5980 },
    });
    expect(load(['-backend', 'postgres://172.17.0.1', '-log-requests=false']).backend).toEqual({
      kind: 'postgres',
      url: 'postgres://postgres@172.17.0.1:5432/postgres',
    });
  });

  test('a value may be empty or begin with a dash when it is joined by =', () => {
    expect(load(['-namespace=']).namespace).toBe('');
    expect(load(['-namespace', '']).namespace).toBe('');
    expect(load(['-namespace=-x']).namespace).toBe('-x');
    expect(load(['--namespace=a=b']).namespace).toBe('a=b');
  });

  test.each([
    [['-nonsense'], /^unknown flag -nonsense/],
    [['--nonsense=1'], /^unknown flag -nonsense/],
    [['--__proto__=1'], /^unknown flag -__proto__/],
    [['-x'], /^unknown flag -x/],
    [['memory'], /^unexpected argument "memory"/],
    [['--', '-http'], /^unexpected argument "-http"/],
    [['-log-requests', 'false'], /^unexpected argument "false"/],
    [['-http'], /^flag -http needs a value/],
    [['-backend', '-http', ':5980'], /^flag -backend needs a value/],
    [['-http', 'nowhere'], /^flag -http: "nowhere" is not an address/],
    [['-http', 'a\nb'], /^flag -http: "a\\nb" is not an address/],
    [['-max-message', '0'], /^flag -max-message: /],
    [['-log-level', 'loud'], /^flag -log-level: "loud" is not one of /],
    [['-cborrpc', 'off', '-http', 'off'], /^nothing to serve/],
    [['-test-clock', '-backend', 'embedded'], /^-test-clock is for -backend memory/],
  ])('%j is refused with status 2', (args, message) => {
    expect(failure(args)).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) as string });
  });

  test('asking for help or the version', () => {
    const action = (...args: string[]): string => loadConfig(args, { env: {}, isTerminal: false }).action;
    for (const help of ['-help', '--help', '-h']) expect(action('-http', ':1', help)).toBe('help');
    for (const version of ['-version', '--version']) expect(action(version)).toBe('version');
    expect(action('--version', '--help')).toBe('help');
  });
});

describe('commands', () => {
  const read = (...args: string[]): unknown => {
    const loaded = loadConfig(args, { env: {}, isTerminal: false });
    return 'config' in loaded ? { ...loaded, config: undefined, settings: undefined } : loaded;
  };

  test.each([
    [['check-config', '-http', ':1234']],
    [['-http', ':1234', 'check-config']],
    [['-log-metrics=false', 'check-config', '-http=:1234']],
  ])('%j', (args) => {
    expect(read(...args)).toEqual({ action: 'check-config', operands: [] });
    expect(loadConfig(args, { env: {}, isTerminal: false })).toMatchObject({ config: { http: { port: 1234 } } });
  });

  test('a value that is called like a command is a value', () => {
    expect(read('-namespace', 'check-config')).toMatchObject({ action: 'start' });
  });

  test('help and version come first', () => {
    expect(read('check-config', '--help')).toEqual({ action: 'help' });
    expect(read('--version', 'check-config')).toEqual({ action: 'version' });
  });

  test.each([['check-config', 'check-config'], ['chec-config'], ['check-config', 'x'], ['toString']])(
    '%s %s is refused with status 2',
    (...args) => {
      const last = JSON.stringify(args.at(-1));
      expect(failure(args)).toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(`^unexpected argument ${last}`) as string,
      });
    },
  );
});

describe('precedence', () => {
  test('flag, environment, settings file, default', () => {
    const settings = file('precedence.yaml', 'namespace: file\nhttp: :1\ncborrpc: :1\nbackend: embedded\n');
    const env = { COORDINATE_NAMESPACE: 'env', COORDINATE_HTTP: ':2', COORDINATE_CBORRPC: ':2' };
    expect(load(['--settings', settings, '-cborrpc', ':3'], env)).toMatchObject({
      namespace: 'env',
      http: { port: 2 },
      cborRpc: { port: 3 },
      backend: { kind: 'embedded' },
      limits: { maxConnections: 10_000 },
    });
  });

  test('the settings file may be named in the environment; a flag names another', () => {
    const one = file('one.yaml', 'namespace: one');
    const two = file('two.yaml', 'namespace: two');
    expect(load([], { COORDINATE_SETTINGS: one }).namespace).toBe('one');
    expect(load([`-settings=${two}`], { COORDINATE_SETTINGS: one }).namespace).toBe('two');
  });

  test('a flag that may be given often adds up, and takes the place of what is set elsewhere', () => {
    const env = { COORDINATE_PLUGIN: './a.js, b' };
    expect(load([], env).plugins).toEqual(['./a.js', 'b']);
    expect(load(['-plugin', 'c', '--plugin=./d.js,e'], env).plugins).toEqual(['c', './d.js', 'e']);
  });

  test('an empty variable is not set', () => {
    expect(load([], { COORDINATE_BACKEND: '', COORDINATE_SETTINGS: '' }).backend).toEqual({ kind: 'memory' });
  });

  test('every flag has its variable', () => {
    expect(FLAG_NAMES.map(environmentName)).toContain('COORDINATE_LOG_REQUESTS');
    for (const name of FLAG_NAMES) {
      // What may be any text.
      if (
        ['namespace', 'config', 'plugin', 'auth-tokens', 'rpc-caller'].includes(name) ||
        /^(tls-(cert|key|client-ca)|backend-(token|ca)-file|auth-(audience|jwks|claim)|oidc-.*)$/.test(name)
      )
        continue;
      const { message, exitCode } = failure([], { [environmentName(name)]: '?' });
      expect(message).toMatch(new RegExp(`^${environmentName(name)}: `));
      expect(exitCode).toBe(2);
    }
  });
});

describe('the settings file', () => {
  test('values are the text that stands there', () => {
    const settings = file(
      'text.yaml',
      'namespace: 0777\nmax-connections: 12\nlog-level: "debug"\nretain-failed: 7d,10\nhttp: off\n',
    );
    expect(load(['--settings', settings])).toMatchObject({
      namespace: '0777',
      limits: { maxConnections: 12 },
      log: { level: 'debug' },
      retention: { failed: { age: 7 * DAY, count: 10 } },
      http: 'off',
    });
  });

  test('an empty file, or an empty value, sets nothing', () => {
    expect(load(['--settings', file('empty.yaml', '')]).backend).toEqual({ kind: 'memory' });
    expect(load(['--settings', file('comment.yaml', '# none\n')]).backend).toEqual({ kind: 'memory' });
    expect(load(['--settings', file('novalue.yaml', 'backend:\n')]).backend).toEqual({ kind: 'memory' });
  });

  test.each([
    ['nonsense: 1', /unknown setting "nonsense"$/],
    ['? {a: b}\n: 1', /unknown setting/],
    ['[backend, memory]', /not a mapping/],
    ['memory', /not a mapping/],
    ['http: [a, b]', /http is not a single value/],
    ['http: nowhere', /http: "nowhere" is not an address/],
    ['http: :1\nhttp: :2', /unique/i],
    ['http: "unfinished', /./],
  ])('%j is refused with status 1', (text, message) => {
    const path = file('bad.yaml', text);
    const refusal = failure(['--settings', path]);
    expect(refusal.exitCode).toBe(1);
    expect(refusal.message).toMatch(message);
    expect(refusal.message.startsWith(`settings file ${path}: `)).toBe(true);
  });

  test('a missing one is refused with status 1', () => {
    expect(failure(['--settings', path('none.yaml')])).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('no such file') as string,
    });
  });
});

describe('the clients’ configuration', () => {
  const clientConfig = (text: string) => load(['-config', file('clients.yaml', text)]).clientConfig;

  test('is read as the Python daemon read it', () => {
    expect(clientConfig('a: {b: [1, 2.5, yes, null]}\n1: x\nday: 2001-02-03\n')).toEqual(
      new Map<unknown, unknown>([
        ['a', new Map([['b', [1, 2.5, true, null]]])],
        [1, 'x'],
        ['day', '2001-02-03'],
      ]),
    );
    expect(clientConfig('base: &b {x: 1}\nc: {<<: *b, y: 2}\n')?.get('c')).toEqual(
      new Map([
        ['x', 1],
        ['y', 2],
      ]),
    );
    expect(clientConfig('')).toEqual(new Map());
  });

  test.each([
    ['a: [1', /./],
    ['- 1', /not a mapping$/],
    ['a: 1\n---\nb: 2', /more than one document$/],
    ['a: *nowhere', /./],
  ])('%j is refused with status 1', (text, message) => {
    const path = file('badclients.yaml', text);
    const refusal = failure(['-config', path]);
    expect(refusal.exitCode).toBe(1);
    expect(refusal.message).toMatch(message);
    expect(refusal.message.startsWith(`config file ${path}: `)).toBe(true);
  });

  test('a missing file and a folder are refused with status 1', () => {
    expect(failure(['-config', path('none.yaml')]).exitCode).toBe(1);
    expect(failure(['-config', path('.')]).exitCode).toBe(1);
  });
});

test('the help text shows every flag, its variable and its default', () => {
  const text = helpText();
  for (const name of FLAG_NAMES) {
    expect(text).toMatch(new RegExp(`^  -${name}( |$)`, 'm'));
    expect(text).toContain(`[${environmentName(name)}]`);
  }
  expect(text).toContain('127.0.0.1:5932');
  expect(text).toContain('--settings FILE.yaml');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});
