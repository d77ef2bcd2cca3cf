import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { FLAG_NAMES } from '../../src/config/flags.js';
import { runDaemon, type Result } from '../support/daemon.js';
import { testFolder } from '../support/files.js';
import { some } from '../support/full-size.js';

const { file } = testFolder();

/** What follows the name of a setting: its value, and where it is from. */
function settingsOf({ stdout }: Result): Record<string, { value: string; source: string }> {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value, source] = /^([a-z-]+): (.*?) +# (.*)$/.exec(line)!;
      return [name, { value, source }];
    }),
  );
}

test('prints every setting in effect and where it is from', async () => {
  const settings = file('settings.yaml', 'log-level: debug\nmax-connections: 7\n');
  const config = file('config.yaml', 'a: {b: 1}\nsecret: xyzzy\n');
  const result = await runDaemon(['check-config', '--settings', settings, '-config', config, '-http=:81'], {
    env: { COORDINATE_MAX_CONNECTIONS: '8' },
  });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout).not.toContain('xyzzy');
  const shown = settingsOf(result);
  expect(Object.keys(shown)).toEqual(FLAG_NAMES);
  expect(shown).toMatchObject({
    backend: { value: 'memory', source: 'default' },
    http: { value: ':81', source: 'flag -http' },
    'max-connections': { value: '8', source: 'COORDINATE_MAX_CONNECTIONS' },
    'log-level': { value: 'debug', source: `settings file ${settings}: log-level` },
    config: { value: config, source: 'flag -config, keys: 2' },
  });
  expect(result.stdout).toContain('\n# HTTP on all interfaces:81: whoever reaches it may do everything\n');
  expect(result.stdout).toMatch(/\n# the configuration is valid\n$/);
});

test('what it prints is a settings file that means the same', async () => {
  const first = await runDaemon([
    'check-config',
    '-namespace',
    '#no: "x"\n',
    '-retain-failed',
    '7d,10',
    '-http',
    'off',
  ]);
  const again = await runDaemon(['check-config', '--settings', file('printed.yaml', first.stdout)]);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  const values = (result: Result) => Object.entries(settingsOf(result)).map(([name, { value }]) => [name, value]);
  expect(values(again)).toEqual(values(first));
  expect(settingsOf(again)['retain-failed'].source).toContain('printed.yaml');
});

test('shows no password, wherever it is from', async () => {
  const secrets = 'postgres://me:hunter2@db.example.org/jobs?application_name=x';
  const inUrl = await runDaemon(['check-config', '-backend', secrets]);
  expect(settingsOf(inUrl).backend.value).toBe('postgres://me:***@db.example.org:5432/jobs?application_name=x');
  const inEnvironment = await runDaemon(['check-config', '-backend', 'postgres:'], { env: { PGPASSWORD: 'hunter2' } });
  expect(settingsOf(inEnvironment).backend.value).toBe('postgres://postgres:***@localhost:5432/postgres');
  for (const { stdout, stderr } of [inUrl, inEnvironment]) expect(stdout + stderr).not.toContain('hunter2');
});

const MISTAKES: readonly (readonly [number, readonly string[], RegExp])[] = [
  [2, ['-log-level', 'loud'], /^coordinated: flag -log-level: "loud" is not one of .*\n$/],
  [2, ['-nonsense'], /^coordinated: unknown flag -nonsense .*\n$/],
  [1, ['-config', '/nowhere.yaml'], /^coordinated: config file \/nowhere\.yaml: .*\n$/],
  [1, ['--settings', '/nowhere.yaml'], /^coordinated: settings file \/nowhere\.yaml: .*\n$/],
  [2, ['-backend', 'postgres://db/x?sslmde=require'], /^coordinated: flag -backend: unknown parameter "sslmde"\n$/],
  [2, ['-backend', 'postgres://db/x?sslmode=on'], /^coordinated: flag -backend: sslmode is none of .*\n$/],
  [2, ['-backend', 'postgres://db/x?pool_size=0'], /^coordinated: flag -backend: pool_size is not .*\n$/],
  [2, ['-backend', 'postgres://a:5%@db/x'], /^coordinated: flag -backend: is not a PostgreSQL URL: a % .*\n$/],
  [1, ['-backend', 'postgres://db/x?sslcert=/nowhere'], /^coordinated: PostgreSQL URL: sslcert: ENOENT.*\n$/],
];
test.each(some(MISTAKES, 1))('ends with status %i for %j', async (code, flags, line) => {
  const result = await runDaemon(['check-config', ...flags]);
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toMatch(line);
});

test('a mistake in the parameters of a URL ends as one where the URL is from', async () => {
  const backend = 'postgres://db/x?startup_wait=soon';
  const inEnvironment = await runDaemon(['check-config'], { env: { COORDINATE_BACKEND: backend } });
  expect(inEnvironment).toMatchObject({
    code: 2,
    stderr: 'coordinated: COORDINATE_BACKEND: startup_wait is not a number of seconds\n',
  });
  const settings = file('backend.yaml', `backend: ${backend}\n`);
  const inFile = await runDaemon(['--settings', settings]);
  expect(inFile).toMatchObject({
    code: 1,
    stderr: `coordinated: settings file ${settings}: backend: startup_wait is not a number of seconds\n`,
  });
  expect(await runDaemon(['dump', '/nowhere', '-backend', backend])).toMatchObject({ code: 2, stdout: '' });
});

test.runIf(process.getuid?.() === 0)('warns root of files that no other user could read', async () => {
  const config = file('client.yaml', 'a: 1\n');
  const folder = join(dirname(config), 'closed');
  mkdirSync(folder);
  const callers = join(folder, 'callers.yaml');
  writeFileSync(callers, 'callers: []\n');
  // The folder of the tests is root's alone; what is in it must be told apart.
  chmodSync(dirname(config), 0o755);
  const warnings = async () => {
    const { code, stdout } = await runDaemon(['check-config', '-config', config, '-auth-tokens', callers]);
    expect(code).toBe(0);
    return stdout.split('\n').filter((line) => line.includes('root alone'));
  };
  chmodSync(config, 0o600);
  chmodSync(folder, 0o750);
  expect(await warnings()).toEqual([
    `# warning: ${callers} can be read by root alone, for ${folder} is closed: no daemon of another user would start`,
    `# warning: ${config} can be read by root alone: no daemon of another user would start`,
  ]);
  chmodSync(config, 0o644);
  chmodSync(folder, 0o755);
  expect(await warnings()).toEqual([]);
});
