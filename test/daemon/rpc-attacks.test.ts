import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { type Attack, ATTACKS } from './attacks/attacks.js';

/** 1: as large as they were seen to hurt, for the figures in docs/limits.md; `npm test` is content with far smaller ones. */
const SIZE = Number(process.env.ATTACK_SIZE ?? 0.02);
const CHOSEN = ATTACKS.filter(({ name }) => new RegExp(process.env.ATTACK_NAMES ?? '').test(name));
/** Where the rows for that table are added. */
const TABLE = process.env.ATTACK_TABLE ?? '/dev/stdout';
const CANARY = join(import.meta.dirname, 'attacks/canary.js');
const MiB = 1024 * 1024;

interface Figures {
  readonly before: number;
  readonly most: number;
  /** Longest that `now` took on another connection meanwhile, in milliseconds. */
  readonly longest: number;
}

/** Resident memory now, or at most since the start. @returns MiB */
function memory(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] = new RegExp(`${line}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return (Number(kilobytes) * 1024) / MiB;
}

async function figuresOf(daemon: RunningDaemon, attack: Attack): Promise<Figures> {
  const driver = await RawClient.connect(daemon.rpcPort);
  await driver.call('clear');
  await attack.prepare?.(driver, SIZE);
  const before = memory(daemon.pid, 'VmRSS');
  const canary = spawn(process.execPath, [CANARY, String(daemon.rpcPort)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  canary.stdout.on('data', (text: Buffer) => (output += text.toString()));
  while (!output.includes('ready')) await once(canary.stdout, 'data');
  await attack.run(daemon.rpcPort, SIZE);
  canary.stdin.end();
  await once(canary, 'close');
  // It serves as ever.
  expect(await driver.call('list_work_specs', { limit: 0 })).toEqual([[], null]);
  driver.destroy();
  return { before, most: memory(daemon.pid, 'VmHWM'), longest: Number(output.split('\n')[1]) };
}

/** Generous: other programs may keep the machine busy. Before there were bounds, some of these took seconds and gigabytes. */
function expectBounded(name: string, { before, most, longest }: Figures): void {
  expect(longest, name).toBeLessThan(2_000);
  expect(most - before, name).toBeLessThan(700);
}

test.runIf(SIZE < 1)('no attack keeps others from being answered, nor takes memory without end', async () => {
  const daemon = await startDaemon([]);
  try {
    for (const attack of CHOSEN) expectBounded(attack.name, await figuresOf(daemon, attack));
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await daemon.kill();
  }
});

describe.runIf(SIZE === 1)('each attack on a daemon of its own, as large as it was seen to hurt', () => {
  test.each(CHOSEN)(
    '$name',
    async (attack) => {
      const daemon = await startDaemon([]);
      try {
        const figures = await figuresOf(daemon, attack);
        const { before, most, longest } = figures;
        const cells = [
          attack.name,
          `${Math.round(before)} MiB`,
          `${Math.round(most)} MiB`,
          `${Math.round(longest)} ms`,
        ];
        appendFileSync(TABLE, `| ${cells.join(' | ')} |\n`);
        expect(await daemon.stop()).toEqual({ code: 0, signal: null });
        expectBounded(attack.name, figures);
      } finally {
        await daemon.kill();
      }
    },
    300_000,
  );
});
