import { randomBytes } from 'node:crypto';
import type { Coordinate } from 'coordinate-client';
import { CborRpcClient, UnitState } from 'coordinate-client';
import type { Session } from '../session.js';
import type { Arguments } from '../table/arguments.js';
import type { Command } from '../table/command.js';

/** One door of the daemon: what is measured is the same behind each. */
interface Door {
  add(names: readonly string[]): Promise<void>;
  /** Claims some units and finishes them. @returns how many */
  work(worker: string, units: number): Promise<number>;
  close(): void;
}

export const bench: Command = {
  words: 'bench',
  about: 'Measures: adds units to a work spec of its own, and does them.',
  options: [
    { name: 'units', value: 'N', about: 'how many; 10000 where nothing is said' },
    { name: 'concurrency', value: 'N', about: 'so many workers at a time; 16 where nothing is said' },
    { name: 'batch', value: 'N', about: 'so many units in one request; 1 where nothing is said, 1000 to add them' },
    { name: 'door', value: 'DOOR', choices: ['rest', 'cborrpc'], about: 'which way; rest where nothing is said' },
    {
      name: 'rpc',
      value: 'HOST:PORT',
      about: 'where CBOR-RPC is; on port 5932 of the same machine where nothing is said',
    },
  ],
  more: 'The work spec is deleted at the end. Latency is that of claiming and finishing, in milliseconds.',
  examples: ['bench', 'bench --door cborrpc --units 100000 --batch 100'],
  async run(session, args) {
    const { coordinate, out } = session;
    const units = args.count('units') ?? 10_000;
    const concurrency = args.count('concurrency') ?? 16;
    const batch = args.count('batch') ?? 1;
    const name = `bench-${randomBytes(4).toString('hex')}`;
    const spec = coordinate.spec(name);
    await spec.set();
    const door = doorOf(session, args, name);
    try {
      const added = await timed(async () => {
        for (let at = 0; at < units; at += 1_000) {
          await door.add(Array.from({ length: Math.min(1_000, units - at) }, (_, i) => String(at + i)));
        }
      });
      const latencies: number[] = [];
      const done = await timed(async () => {
        await Promise.all(Array.from({ length: concurrency }, (_, i) => works(door, `${name}-${i}`, batch, latencies)));
      });
      latencies.sort((a, b) => a - b);
      const at = (share: number): number =>
        Math.round(1000 * latencies[Math.floor(share * (latencies.length - 1))]) / 1000;
      const perSecond = (seconds: number): number => Math.round(units / seconds);
      await out.record({
        units,
        concurrency,
        batch,
        door: args.text('door') ?? 'rest',
        addedPerSecond: perSecond(added),
        donePerSecond: perSecond(done),
        p50: at(0.5),
        p99: at(0.99),
        longest: at(1),
      });
    } finally {
      door.close();
      await spec.delete(session.change);
    }
  },
};

async function works(door: Door, worker: string, batch: number, latencies: number[]): Promise<void> {
  for (;;) {
    const begun = performance.now();
    if ((await door.work(worker, batch)) === 0) return;
    latencies.push(performance.now() - begun);
  }
}

/** @returns seconds */
async function timed(what: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await what();
  return (performance.now() - begun) / 1000;
}

function doorOf(session: Session, args: Arguments, spec: string): Door {
  if (args.text('door') !== 'cborrpc') return restDoor(session.coordinate, spec);
  const { settings } = session;
  const usual = settings.rpcAddresses.length > 0 ? settings.rpcAddresses : `${new URL(settings.urls[0]).hostname}:5932`;
  const { token, insecure, ca } = settings;
  // A daemon that encrypts does so behind both doors.
  const tls = settings.urls[0].startsWith('https:') ? { ca } : undefined;
  // The empty namespace is said as well: the daemon's own may be another.
  return rpcDoor(
    new CborRpcClient({ address: args.text('rpc') ?? usual, token, insecure, tls, namespace: settings.namespace }),
    spec,
  );
}

function restDoor(coordinate: Coordinate, spec: string): Door {
  return {
    async add(names) {
      await coordinate.spec(spec).add(names);
    },
    async work(name, units) {
      const worker = coordinate.worker(name);
      const attempts = await worker.claim({ units, specs: [spec] });
      if (attempts.length === 1) await attempts[0].finish();
      else if (attempts.length > 1) await worker.finish(attempts.map((attempt) => ({ attempt, outcome: 'finished' })));
      return attempts.length;
    },
    close: () => undefined,
  };
}

function rpcDoor(client: CborRpcClient, spec: string): Door {
  return {
    async add(names) {
      await client.call(
        'add_work_units',
        spec,
        names.map((name) => [name, {}] as const),
      );
    },
    async work(worker_id, max_jobs) {
      const options = { max_jobs: Math.max(2, max_jobs), work_spec_names: [spec] };
      const [claimed] = await client.call('get_work', worker_id, options);
      const units = claimed as readonly (readonly [string, string, unknown])[];
      const report = { status: UnitState.finished, worker_id };
      await client.list(units.map(([, key]) => ['update_work_unit', spec, key, report] as const));
      return units.length;
    },
    close: () => client.close(),
  };
}
