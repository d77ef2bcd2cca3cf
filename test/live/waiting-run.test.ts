import { type Coordinate, connect, type HistorySpan } from 'coordinate-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CborValue, Tuple } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

/** `WAITING_UNITS=1000000 WAITING_WORKERS=500` is the full size, on a machine that does nothing else. */
const UNITS = Number(process.env.WAITING_UNITS ?? 3_000);
const WORKERS = Number(process.env.WAITING_WORKERS ?? 200);
const FULL_SIZE_MS = process.env.WAITING_UNITS === undefined ? undefined : 3_600_000;
/**
 * A unit may lie there so long while somebody waits, in seconds: one of the bounds by which daemons count how long units waited, below the
 * 1.5 s that are the bar. Beside other tests nobody can say how long.
 */
const LONGEST_S = process.env.WAITING_UNITS === undefined ? 30 : 1;
/**
 * So many units at most are there that have not been finished: a worker is at work while it has one of them, so that half of all wait the
 * whole time, and no unit has to wait for any other reason than that nobody is woken for it.
 */
const MOST_OPEN = WORKERS / 2;
/** How many are added by one call, by turns: of one unit one worker is to hear, of many units many. */
const BATCHES = [1, 2, 5, 25, 100];
/** After so many batches it is waited until everybody waits. */
const UNTIL_CALM = 40;
/** So many units of another work spec come first: what runs for the first time is compiled meanwhile, which takes seconds on a busy machine. */
const BEFORE = Math.min(2_000, UNITS);

const DAEMONS = { memory: 1, postgres: 2 } as const;

describe.each(['memory', 'postgres'] as const)('workers that wait at all daemons of a storage (%s)', (kind) => {
  let database: TestDatabase | undefined;
  const daemons: RunningDaemon[] = [];
  let coordinate: Coordinate;
  beforeAll(async () => {
    if (kind === 'postgres') database = await createDatabase();
    // Those that wait for each other are told so at once, and counted; else they are silent until the time for locks is over.
    await database?.query(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 20', current_database()); END $$`,
    );
    const backend = database?.url ?? 'memory';
    while (daemons.length < DAEMONS[kind]) daemons.push(await startDaemon(['-backend', backend]));
    coordinate = connect(`http://127.0.0.1:${daemons[0].httpPort}`);
  });
  afterAll(async () => {
    coordinate.close();
    for (const daemon of daemons) await daemon.stop();
    await database?.drop();
  });

  it(
    'get each unit once, and let none lie',
    async () => {
      for (const spec of ['before', 's']) await coordinate.spec(spec).set({ min_gb: 0 });
      const connected = (many: number): Promise<RawClient[]> =>
        Promise.all(
          Array.from({ length: many }, (_, index) => RawClient.connect(daemons[index % daemons.length].rpcPort)),
        );
      const [workers, adders] = [await connected(WORKERS), await connected(2)];
      let run = new Run('before', BEFORE);
      let isOver = false;
      const working = Promise.all(
        workers.map((client, index) => work(client, `w${index}`, () => (isOver ? undefined : run))),
      );
      const adding = (): Promise<unknown> => Promise.all(adders.map((client) => add(run, client)));
      await Promise.race([working, adding().then(() => run.over)]);
      await expect.poll(waiting, { interval: 200 }).toBe(WORKERS);
      run = new Run('s', UNITS);
      const begun = performance.now();
      await Promise.race([working, adding().then(() => run.over)]);
      say(`${kind}: ${UNITS} units in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      isOver = true;
      for (const client of [...workers, ...adders]) client.destroy();
      await working;
      expect(run.given.size).toBe(UNITS);
      // Daemons write down what happened every few seconds.
      await expect.poll(async () => claimed(await spans()), { interval: 500 }).toBe(UNITS);
      const { bounds, waited } = await waits();
      say(`waited: ${bounds.map((bound, at) => `${waited[at]} up to ${bound} s`).join(', ')}`);
      const deadlocks = 'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()';
      if (database) expect(await database.query(deadlocks)).toEqual([{ deadlocks: 0 }]);
      const longer = waited.slice(bounds.indexOf(LONGEST_S) + 1);
      expect(longer).toEqual(longer.map(() => 0));
      // A million takes some ten minutes.
    },
    FULL_SIZE_MS,
  );

  /** How many claims wait at all daemons. */
  async function waiting(): Promise<number> {
    const texts = daemons.map(async ({ httpPort }) => (await fetch(`http://127.0.0.1:${httpPort}/metrics`)).text());
    const counts = (await Promise.all(texts)).map((text) =>
      Number(/^coordinate_waiting_claims (\d+)$/m.exec(text)![1]),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  const spans = async (): Promise<readonly HistorySpan[]> => (await coordinate.spec('s').history()).spans;

  /** How long units had been available when they were claimed, by the clock of the storage. */
  async function waits(): Promise<{ bounds: readonly number[]; waited: number[] }> {
    const { bounds, spans } = await coordinate.spec('s').history();
    const waited = [...bounds, Infinity].map((_, at) =>
      spans.reduce((sum, { waited }) => sum + (waited?.buckets[at] ?? 0), 0),
    );
    return { bounds, waited };
  }
});

/** Tells whoever has asked for a size how it went. */
function say(line: string): void {
  if (process.env.WAITING_UNITS !== undefined) process.stdout.write(`${line}\n`);
}

function claimed(spans: readonly HistorySpan[]): number {
  return spans.reduce((sum, span) => sum + span.claimed, 0);
}

/** What all who add units and all who work know of. */
class Run {
  readonly given = new Set<string>();
  private added = 0;
  private done = 0;
  private batches = 0;
  private mostOpen = MOST_OPEN;
  private hearing: (() => void)[] = [];
  private tellOver = (): void => undefined;
  /** Resolves when all units are done. */
  readonly over = new Promise<void>((resolve) => (this.tellOver = resolve));

  constructor(
    readonly spec: string,
    private readonly units: number,
  ) {}

  /** @returns names of units that are to be added now, so many at most; none: all have been */
  async next(most: number): Promise<string[]> {
    while (this.added < this.units && this.room <= 0) await new Promise<void>((resolve) => this.hearing.push(resolve));
    // Now and then all is done before more is added, and everybody waits.
    if (++this.batches % UNTIL_CALM === 0) this.mostOpen = 0;
    const units = Math.min(most, this.units - this.added, Math.max(1, this.room));
    return Array.from({ length: units }, () => `u${this.added++}`);
  }

  take(name: string): void {
    if (this.given.has(name)) throw new Error(`${name} has been given out twice`);
    this.given.add(name);
  }

  end(): void {
    this.done++;
    if (this.added === this.done) this.mostOpen = MOST_OPEN;
    if (this.done === this.units) this.tellOver();
    if (this.room > 0) for (const hear of this.hearing.splice(0)) hear();
  }

  private get room(): number {
    return this.mostOpen - (this.added - this.done);
  }
}

/** @param present - the run that is under way; undefined: there is none any more, and connections end */
async function work(client: RawClient, name: string, present: () => Run | undefined): Promise<void> {
  for (;;) {
    const asked = client.call('get_work', name, { wait: 25, max_jobs: 3 });
    const answer = await asked.catch((error: unknown) => {
      if (present() !== undefined) throw error;
    });
    const run = present();
    if (answer === undefined || run === undefined) return;
    const [units] = answer as CborValue[];
    const given = (units as readonly Tuple[]).map(({ items }) => items[1]);
    for (const unit of given) run.take((unit as { binary: string }).binary);
    for (const unit of given) {
      await client.call('update_work_unit', run.spec, unit, { status: 4 });
      run.end();
    }
  }
}

async function add(run: Run, client: RawClient): Promise<void> {
  for (let batch = 0; ; batch++) {
    const names = await run.next(BATCHES[batch % BATCHES.length]);
    if (names.length === 0) return;
    await client.call(
      'add_work_units',
      run.spec,
      names.map((name) => [name, {}]),
    );
  }
}
