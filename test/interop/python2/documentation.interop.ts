import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage } from '../../docs/pages.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { Python2 } from './python.js';

let daemon: RunningDaemon;
let python: Python2;
beforeAll(async () => {
  daemon = await startDaemon();
  python = new Python2(daemon.rpcPort, '  worker: fork_worker\n  fork_worker: {num_workers: 2, poll_interval: 0.2}\n');
});
afterAll(async () => {
  await daemon.stop();
  python.remove();
});

/** The blocks of a page in a language. */
function blocks(page: string, language: string): string[] {
  return readPage(page)
    .fences.filter((fence) => fence.language === language)
    .map(({ text }) => text);
}

interface SummaryRecord {
  readonly WorkSpec: string;
  readonly Status: string;
  readonly Count: number;
}

async function summaryOf({ httpPort }: RunningDaemon): Promise<SummaryRecord[]> {
  return (await fetch(`http://127.0.0.1:${httpPort}/summary`)).json() as Promise<SummaryRecord[]>;
}

function isDone({ WorkSpec, Status, Count }: SummaryRecord): boolean {
  return WorkSpec === 'words.classify' && Status === 'finished' && Count === 3;
}

describe('what docs/ say about Python', () => {
  it('counts words', async () => {
    const flow = blocks('docs/python-workers.md', 'yaml').find((text) => text.startsWith('flows:'))!;
    python.write(
      'words.py',
      blocks('docs/python-workers.md', 'python').find((text) => text.includes('def count_words'))!,
    );
    const texts = ['one', 'two words', 'and three words'].map((text, i) => python.write(`${i}.txt`, text));
    const units = python.write('units.json', texts.map((path) => `{"${path}": {}}\n`).join(''));

    await python.coordinate(['flow', python.write('flow.yaml', flow)]);
    await python.coordinate(['addwork', '-W', 'words.count', '-u', units]);
    await python.coordinate(['run_one']);
    expect(await python.coordinate(['work_unit', '-W', 'words.classify', '0.txt'])).toMatch(/^0\.txt /);
    const worker = python.startWorker();
    const exited = once(worker, 'exit');
    try {
      const deadline = Date.now() + 60_000;
      // Over REST: the command takes a second of the processor each time.
      while (!(await summaryOf(daemon)).some(isDone)) {
        if (Date.now() > deadline) throw new Error(await python.coordinate(['summary']));
        await delay(200);
      }
      expect(await python.coordinate(['summary'])).toMatch(/^words\.classify( +0){4} +3 +3$/m);
    } finally {
      worker.kill('SIGTERM');
      await exited;
    }
  });

  it('copies what is not finished from one daemon to another', async () => {
    const other = await startDaemon();
    try {
      const many = Array.from({ length: 1500 }, (_, i) => `{"more-${i}": {"n": ${i}}}\n`).join('');
      await python.coordinate(['addwork', '-W', 'words.count', '-u', python.write('more.json', many)]);
      const script = python.write('copy_work.py', blocks('docs/upgrading.md', 'python')[0]);
      const addresses = [daemon, other].map(({ rpcPort }) => `127.0.0.1:${rpcPort}`);
      const { code, stdout, stderr } = await python.python([script, ...addresses]);
      expect({ code, stdout }, stderr).toEqual({
        code: 0,
        stdout: 'words.classify: 0 work units\nwords.count: 1500 work units\n',
      });
      const record = { Namespace: '', WorkSpec: 'words.count' };
      expect(await summaryOf(other)).toEqual([{ ...record, Status: 'available', Count: 1500 }]);
    } finally {
      await other.stop();
    }
  });
});
