import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** An example in a daemon, and workers that go on working at it. */
export interface Example {
  /** Has its workers end. */
  stop(): Promise<void>;
}

/** Fills the namespace `photos` of a daemon with a little of everything. */
export async function seeded(url: string): Promise<Example> {
  const seed = spawn(process.execPath, [join(import.meta.dirname, 'seed.mjs'), url, '--small'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await saysSeeded(seed);
  return {
    stop: async () => {
      if (seed.exitCode !== null) return;
      seed.kill();
      await once(seed, 'close');
    },
  };
}

async function saysSeeded(seed: ChildProcess): Promise<void> {
  let said = '';
  for await (const text of seed.stdout!.iterator({ destroyOnReturn: false })) {
    said += String(text);
    if (said.includes('seeded')) return;
  }
  throw new Error(`the example was not made:\n${said}`);
}
