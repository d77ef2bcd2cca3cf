import { appendFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Canary } from '../../support/canary.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { memoryOf } from '../../support/memory-of.js';

const CHOSEN = new RegExp(process.env.ATTACK_NAMES ?? '');
/** The file to which the rows for the table in docs/limits.md are added; absent: they are printed. */
const TABLE = process.env.ATTACK_TABLE;

/** What a daemon went through; memory in MiB. */
interface Figures {
  readonly before: number;
  readonly most: number;
  /** Longest that `now` took on another connection meanwhile, in milliseconds. */
  readonly longest: number;
  /** How much of that the daemon waited for a core, which the attackers keep busy. */
  readonly withoutCore: number;
}

/** Generous: other programs may keep the machine busy. Before there were bounds, some of these took seconds and gigabytes. */
export type Bounds = Readonly<Record<'longestMs' | 'growthMiB', number>>;

export interface Attacks<A extends { readonly name: string }> {
  readonly title: string;
  readonly attacks: readonly A[];
  /** 1: as large as they were seen to hurt, each on a daemon of its own, for the figures in docs/limits.md; 0: none. */
  readonly size: number;
  readonly bounds: Bounds;
  readonly prepare: (daemon: RunningDaemon, attack: A) => Promise<void>;
  readonly run: (daemon: RunningDaemon, attack: A) => Promise<void>;
  /** That it serves as ever, and holds nothing of it any more. */
  readonly after: (daemon: RunningDaemon, attack: A) => Promise<void>;
}

/** Tests that none of them keeps others from being answered, nor takes memory without end. */
export function describeAttacks<A extends { readonly name: string }>(kind: Attacks<A>): void {
  const chosen = kind.attacks.filter(({ name }) => CHOSEN.test(name));

  test.runIf(kind.size > 0 && kind.size < 1)(kind.title, () =>
    withDaemon(async (daemon) => {
      for (const attack of chosen) expectBounded(attack.name, await figuresOf(kind, daemon, attack), kind.bounds);
    }),
  );

  describe.runIf(kind.size === 1)('each attack on a daemon of its own, as large as it was seen to hurt', () => {
    test.each(chosen)('$name', (attack) =>
      withDaemon(async (daemon) => {
        const figures = await figuresOf(kind, daemon, attack);
        const { before, most, longest, withoutCore } = figures;
        const memory = [before, most].map((mib) => `${mib.toFixed()} MiB`);
        const waits = [longest, withoutCore].map((ms) => `${ms.toFixed()} ms`);
        const cells = [attack.name, ...memory, ...waits];
        addRow(`| ${cells.join(' | ')} |\n`);
        expectBounded(attack.name, figures, kind.bounds);
      }),
    );
  });
}

function addRow(row: string): void {
  if (TABLE === undefined) process.stdout.write(row);
  else appendFileSync(TABLE, row);
}

async function withDaemon(use: (daemon: RunningDaemon) => Promise<void>): Promise<void> {
  const daemon = await startDaemon([]);
  try {
    await use(daemon);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await daemon.kill();
  }
}

async function figuresOf<A extends { readonly name: string }>(
  { prepare, run, after }: Attacks<A>,
  daemon: RunningDaemon,
  attack: A,
): Promise<Figures> {
  await prepare(daemon, attack);
  const before = memoryOf(daemon.pid);
  const canary = await Canary.start(daemon.rpcPort, process.platform === 'linux' ? daemon.pid : undefined);
  await run(daemon, attack);
  const { longest, withoutCore } = canary.take();
  await canary.stop();
  await after(daemon, attack);
  return { before: mebi(before), most: mebi(memoryOf(daemon.pid, 'VmHWM')), longest, withoutCore };
}

const mebi = (bytes: number): number => bytes / (1024 * 1024);

function expectBounded(name: string, { before, most, longest }: Figures, { longestMs, growthMiB }: Bounds): void {
  expect(longest, name).toBeLessThan(longestMs);
  expect(most - before, name).toBeLessThan(growthMiB);
}
