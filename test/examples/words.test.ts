import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPage, ROOT } from '../docs/pages.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

const FOLDER = join(ROOT, 'examples/python');
const FILES = 25;
const run = promisify(execFile);

/** Does units of which one ends its process and one raises. */
const DEADLY = `
import os, sys
from work_queue import WorkQueue

def work(name, data):
    if name == "a deadly one":
        os._exit(9)
    if name == "b wrong one":
        raise ValueError("no")
    return {"done": name}

queue = WorkQueue(sys.argv[1], "demo", "deadly", max_retries=2, lease=3)
if __name__ == "__main__":
    queue.add({name: {} for name in ["a deadly one", "b wrong one", "-c", ".d"]})
    print(queue.work(work, processes=2))
    for name, data in queue.failed():
        print(name, data["traceback"].splitlines()[-1])
    for name, data in queue.finished():
        print(name, data)
`;

let daemon: RunningDaemon;
let proxy: Server;
/** Requests by path, so far. */
const tries = new Map<string, number>();

beforeAll(async () => {
  daemon = await startDaemon();
  proxy = createServer((asked, answer) => {
    const path = asked.url!.replace(/\d+/g, '0');
    const before = tries.get(path) ?? 0;
    tries.set(path, before + 1);
    if (before === 0) return void answer.writeHead(503, { 'retry-after': '1' }).end('{}');
    if (before === 1) return void asked.socket.destroy();
    const { method, url, headers } = asked;
    asked.pipe(
      request({ host: '127.0.0.1', port: daemon.httpPort, method, path: url, headers }, (answered) => {
        answer.writeHead(answered.statusCode!, answered.headers);
        answered.pipe(answer);
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(async () => {
  proxy.close();
  await daemon.stop();
});

it('docs/python-workers.md shows words.py', () => {
  const { fences } = readPage('docs/python-workers.md');
  const shown = fences.filter(({ language }) => language === 'python').map(({ text }) => text);
  expect(shown).toContain(readFileSync(join(FOLDER, 'words.py'), 'utf8'));
});

it('words.py counts the words of files, told 503 and cut off each time that it asks for something new', async ({
  skip,
}) => {
  await run('python3', ['--version']).catch(() => skip('there is no Python 3'));
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-words-'));
  try {
    cpSync(FOLDER, folder, { recursive: true });
    const program = readFileSync(join(folder, 'words.py'), 'utf8');
    expect(program).toContain(':5980');
    const { port } = proxy.address() as AddressInfo;
    writeFileSync(join(folder, 'words.py'), program.replace(':5980', `:${port}`));
    const texts = join(folder, 'texts');
    mkdirSync(texts);
    for (let i = 0; i < FILES; i++) writeFileSync(join(texts, `${i} ü`), 'one two three');
    const { stdout } = await run('python3', ['words.py', texts], { cwd: folder });
    expect(stdout).toBe(`{'finished': ${FILES}}\n${3 * FILES} words\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a process that dies of its unit is replaced, and takes no other unit with it', async ({ skip }) => {
  await run('python3', ['--version']).catch(() => skip('there is no Python 3'));
  const folder = mkdtempSync(join(tmpdir(), 'coordinate-words-'));
  cpSync(FOLDER, folder, { recursive: true });
  writeFileSync(join(folder, 'deadly.py'), DEADLY);
  const { stdout } = await run('python3', ['deadly.py', `http://127.0.0.1:${daemon.httpPort}`], { cwd: folder });
  rmSync(folder, { recursive: true });
  expect(stdout.split('\n')).toEqual([
    "{'finished': 2, 'failed': 2}",
    'a deadly one too many retries',
    'b wrong one ValueError: no',
    "-c {'done': '-c'}",
    ".d {'done': '.d'}",
    '',
  ]);
});
