import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { CborValue, Encodable } from '../../src/cbor/index.js';
import { ByteString, Tuple } from '../../src/cbor/index.js';
import { RawClient } from '../cbor-rpc/client.js';

/** What a client wrote into its log, a line each, before it sent something or as soon as it had the answer. */
export type Entry = { readonly at: number; readonly worker: string } & (
  | { readonly did: 'adding' | 'added'; readonly units: readonly string[] }
  | { readonly did: 'claimed'; readonly spec: string; readonly unit: string; readonly asked: number }
  | { readonly did: 'finishing' | 'finished'; readonly spec: string; readonly unit: string }
  | { readonly did: 'refused'; readonly spec: string; readonly unit: string }
  | { readonly did: 'failed'; readonly error: string }
);

type Fact = Entry extends infer E ? (E extends Entry ? Omit<E, 'at' | 'worker'> : never) : never;

export const LEASE_S = 2;
/** How long the clients work between two breaks, at least. */
const BETWEEN_MS = 700;
/** How long they may take to get on after one: for what never does, on a machine however busy. */
const PATIENCE_MS = 240_000;
const FINISHED = 4;

/** Clients that add and finish units against daemons that may go away at any time, each with a log of its own. */
export class Workload {
  private stopped = false;
  private readonly clients: Promise<void>[] = [];
  private readonly logs: string[] = [];
  private finished = 0;
  /** How often each client that looks at things has seen them. */
  private readonly looks = new Map<string, number>();
  private readonly errors = new Set<string>();
  private lastError = '';

  constructor(private readonly folder: string) {}

  /**
   * A client that claims units and finishes them; those of the first spec with output for the second.
   *
   * @param workSpecs - what it asks for; by default anything
   */
  work(worker: string, port: () => number, workSpecs: readonly string[] = []): void {
    this.run(worker, port, async (client, note) => {
      const asked = Date.now();
      const options = new Map<Encodable, Encodable>(
        Object.entries({ lease_time: LEASE_S, max_jobs: 1, available_gb: 1, work_spec_names: workSpecs }),
      );
      const answer = (await client.call('get_work', worker, options)) as CborValue[];
      const claimed = answer[0] as Tuple | CborValue[];
      const [spec, unit] = claimed instanceof Tuple ? claimed.items : claimed;
      if (typeof spec !== 'string' || !(unit instanceof ByteString)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return;
      }
      const names = { spec, unit: unit.binary };
      note({ did: 'claimed', asked, ...names });
      const data = names.spec === 'first' ? { output: { [`${names.unit}-next`]: {} } } : {};
      note({ did: 'finishing', ...names });
      const update = { status: FINISHED, data, worker_id: worker };
      const [done] = (await client.call('update_work_unit', spec, unit, update)) as unknown[];
      note({ did: done === true ? 'finished' : 'refused', ...names });
      if (done === true) this.finished++;
    });
  }

  /** A client that adds units to the first spec, ten at a time. */
  add(worker: string, port: () => number): void {
    let next = 0;
    this.run(worker, port, async (client, note) => {
      const units = Array.from({ length: 10 }, () => `${worker}-${next++}`);
      note({ did: 'adding', units });
      await client.call(
        'add_work_units',
        'first',
        units.map((name) => [name, {}]),
      );
      note({ did: 'added', units });
      await new Promise((resolve) => setTimeout(resolve, 30));
    });
  }

  /** A client that looks at what there is. */
  look(worker: string, port: () => number): void {
    this.looks.set(worker, 0);
    this.run(worker, port, async (client) => {
      await client.call('get_work_units', 'first', { limit: 10 });
      this.looks.set(worker, this.looks.get(worker)! + 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
  }

  /** Waits until the clients have finished some more units, and each that looks has looked again. */
  async progress(): Promise<void> {
    const finished = this.finished + 20;
    const looks = new Map(this.looks);
    const isStuck = (): boolean =>
      this.finished < finished || [...this.looks].some(([worker, times]) => times === looks.get(worker));
    const deadline = Date.now() + PATIENCE_MS;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    while (isStuck()) {
      if (Date.now() > deadline) {
        throw new Error(`the clients are stuck after ${this.finished} units: ${this.lastError}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until a client has been told of such an error from now on. */
  async hear(error: RegExp): Promise<void> {
    this.errors.clear();
    const deadline = Date.now() + PATIENCE_MS;
    while (![...this.errors].some((each) => error.test(each))) {
      if (Date.now() > deadline) throw new Error(`no client heard of ${error}, the last of ${this.lastError}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private run(
    worker: string,
    port: () => number,
    step: (client: RawClient, note: (fact: Fact) => void) => Promise<void>,
  ): void {
    const log = `${this.folder}/${worker}.log`;
    this.logs.push(log);
    writeFileSync(log, '');
    const note = (fact: Fact): void => appendFileSync(log, `${JSON.stringify({ at: Date.now(), worker, ...fact })}\n`);
    this.clients.push(
      (async () => {
        let client: RawClient | undefined;
        while (!this.stopped) {
          try {
            client ??= await RawClient.connect(port());
            await step(client, note);
          } catch (error) {
            this.errors.add((this.lastError = String(error)));
            note({ did: 'failed', error: String(error) });
            client?.destroy();
            client = undefined;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
        client?.destroy();
      })(),
    );
  }

  /** Lets every client end what it is about. @returns all their logs */
  async stop(): Promise<Entry[]> {
    await this.end();
    return this.logs.flatMap((log) =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Entry),
    );
  }

  async end(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }
}

/** Makes the two specs; what the first one's units put out goes on into the second. */
export async function makeSpecs(port: number): Promise<void> {
  const client = await RawClient.connect(port);
  await client.call('set_work_spec', { name: 'first', then: 'second', min_gb: 0 });
  await client.call('set_work_spec', { name: 'second', min_gb: 0 });
  client.destroy();
}
