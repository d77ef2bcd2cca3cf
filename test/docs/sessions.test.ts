import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { readPage } from './pages.js';

/** Pages whose `console` blocks are one session with a daemon over memory. */
const SESSIONS = ['README.md', 'docs/rest-clients.md'];
const run = promisify(execFile);

let daemon: RunningDaemon;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coordinate-docs-'));
  daemon = await startDaemon();
});
afterAll(async () => {
  await daemon.stop();
  rmSync(folder, { recursive: true });
});

interface Command {
  readonly text: string;
  readonly output: string;
}

/** `$ command`, its indented lines, and what it prints. */
function commandsIn(session: string): Command[] {
  return session
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, text, output] = /^(.*\n(?: +.*\n)*)([^]*)$/.exec(part)!;
      return { text, output };
    });
}

/** Whether curl can do what the pages ask of it; jq is needed besides. */
async function hasTools(): Promise<boolean> {
  try {
    const { stdout } = await run('sh', ['-c', 'jq --version >&2 && curl --help all']);
    return stdout.includes('--json');
  } catch {
    return false;
  }
}

it.for(SESSIONS)('the session in %s runs as it says', async (path, { skip }) => {
  const { fences } = readPage(path);
  const session = fences.filter(({ language }) => language === 'console').map(({ text }) => text);
  const commands = commandsIn(session.join(''));
  expect(commands.length).toBeGreaterThan(0);
  if (!(await hasTools())) skip('this machine lacks jq, or curl 7.82');
  const end = '--- end of output ---\n';
  const script = commands.map(({ text }) => `${text}echo; echo '${end.trimEnd()}'\n`).join('');
  const { stdout } = await run('bash', ['-c', script.replaceAll(':5980', `:${daemon.httpPort}`)], { cwd: folder });
  // An answer over REST has no newline at its end, so that one is added to every output.
  const outputs = stdout.split(end).map((output) => output.replace(/\n+$/, ''));
  const shown = commands.map(({ text }, i) => ({ text, output: outputs[i] }));
  expect(shown).toEqual(commands.map(({ text, output }) => ({ text, output: output.replace(/\n+$/, '') })));
});
