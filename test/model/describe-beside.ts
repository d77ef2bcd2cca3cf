import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../src/cbor/index.js';
import type { Awaitable } from '../../src/domain/awaitable.js';
import type { Attempt, AttemptAction } from '../../src/domain/attempt.js';
import { CoordinateError, InvalidValueError } from '../../src/domain/errors.js';
import { RetentionPolicy } from '../../src/domain/retention.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { WORK_UNIT_STATUSES } from '../../src/domain/work-unit.js';
import type { BackendHarness, OpenBackend, Repositories } from '../contract/harness.js';
import { attemptsOf } from '../contract/attempts.js';

const START = 1_700_000_000_123_000;
const SECOND = 1_000_000;
const ACTIONS: readonly AttemptAction[] = ['renew', 'expire', 'finish', 'finish', 'fail', 'retry'];

/** How much of it to try: clients beside each other, operations of each. */
export interface Crowd {
  clients: number;
  operations: number;
  seed: number;
}

/**
 * All operations beside each other, those among them that take specs, units and namespaces away. Nobody can foretell their
 * answers: but they are answers of the model, and what is counted afterwards is what is there.
 */
export function describeBeside(harness: BackendHarness, { clients, operations, seed }: Crowd): void {
  describe(`operations beside each other: ${harness.name}`, () => {
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    afterAll(() => backend?.close());

    it(`hear only errors of the model, and leave the counts right (seed ${seed})`, async () => {
      await backend.reset();
      await backend.setClock(START);
      backend.setRandom(() => Math.random());
      const daemons = [backend.repositories, (await backend.another?.()) ?? backend.repositories];
      const errors: unknown[] = [];
      await Promise.all(
        Array.from({ length: clients }, async (_, index) => {
          const client = new Client(daemons[index % 2], random(seed + index));
          for (let i = 0; i < operations; i++) {
            await client.operate().catch((error: unknown) => errors.push(error));
            // The memory backend answers at once: without a pause one client would be done before the next begins.
            await new Promise(setImmediate);
          }
        }),
      );
      expect(errors).toEqual([]);
      for (const daemon of daemons) await expectRightCounts(daemon);
    });
  });
}

/** Numbers in [0, 1), the same ones for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const NAMESPACES = ['', '', '', 'n'];
const SPECS = ['s', 's', 't'];
const WORKERS = ['v', 'w', 'x'];

/** One client: does one thing after another by chance, with attempts that it was given. */
class Client {
  private readonly held: { readonly namespace: string; readonly attempt: Attempt }[] = [];
  private readonly operations: readonly (readonly [number, () => Awaitable<unknown>])[];

  constructor(
    private readonly daemon: Repositories,
    private readonly random: () => number,
  ) {
    this.operations = [...this.ofSpecs(), ...this.ofUnits(), ...this.ofAttempts(), ...this.ofTheRest()];
  }

  /** @throws whatever is no answer of the model */
  async operate(): Promise<void> {
    const total = this.operations.reduce((sum, [weight]) => sum + weight, 0);
    let point = this.random() * total;
    const [, operation] = this.operations.find(([weight]) => (point -= weight) < 0) ?? this.operations[0];
    try {
      await operation();
    } catch (error) {
      if (!(error instanceof CoordinateError) && !(error instanceof InvalidValueError)) throw error;
    }
  }

  private pick<T>(some: readonly T[]): T {
    return some[Math.floor(this.random() * some.length)];
  }
  private readonly namespace = (): string => this.pick(NAMESPACES);
  private readonly spec = (): string => this.pick(SPECS);
  private readonly worker = (): string => this.pick(WORKERS);
  private readonly unit = (): string => `u${Math.floor(this.random() * 24)}`;
  private readonly units = (): string[] => Array.from({ length: 1 + Math.floor(this.random() * 24) }, this.unit);
  private readonly content = (): Uint8Array =>
    encode(this.random() < 0.5 ? { output: this.units() } : { number: this.random() });

  private ofSpecs(): [number, () => Awaitable<unknown>][] {
    const { specs, namespaces } = this.daemon;
    const define = (name: string): ReturnType<typeof defineWorkSpec> =>
      defineWorkSpec(
        encode({
          name,
          then: this.pick(['', 's', 't']),
          max_running: this.pick([0, 0, 5]),
          max_retries: this.pick([0, 0, 3]),
          continuous: this.pick([false, false, true]),
        }),
      );
    return [
      [6, () => specs.set(this.namespace(), define(this.spec()))],
      [1, () => specs.redefine(this.namespace(), define(this.spec()))],
      [1, () => specs.changeMeta(this.namespace(), this.spec(), { weight: 7, maxRunning: this.pick([0, 3]) })],
      [2, () => specs.delete(this.namespace(), this.spec())],
      [0.5, () => specs.clear(this.namespace())],
      [0.5, () => namespaces.destroy(this.namespace())],
      [1, () => specs.meta(this.namespace(), this.spec(), true)],
    ];
  }

  private ofUnits(): [number, () => Awaitable<unknown>][] {
    const { units } = this.daemon;
    const added = (names: string[]) => names.map((name) => ({ name, data: this.content(), priority: 0 }));
    const query = () =>
      this.pick([{}, { names: this.units() }, { statuses: [this.pick(WORK_UNIT_STATUSES)] }, { limit: 5 }]);
    return [
      [10, () => units.add(this.namespace(), this.spec(), added(this.units()))],
      [4, () => units.add(this.namespace(), this.spec(), added([this.unit()]))],
      [4, () => units.delete(this.namespace(), this.spec(), query())],
      [2, () => units.clear(this.namespace(), this.spec(), query())],
      [2, () => units.prioritize(this.namespace(), this.spec(), query(), { by: 1 })],
      [2, () => units.change(this.namespace(), this.spec(), this.unit(), { clear: this.random() < 0.5, priority: 2 })],
      [2, () => units.list(this.namespace(), this.spec(), query())],
      [1, () => units.attempts(this.namespace(), this.spec(), this.unit())],
    ];
  }

  private ofAttempts(): [number, () => Awaitable<unknown>][] {
    const { attempts } = this.daemon;
    const keep = (namespace: string, some: readonly Attempt[]): void => {
      this.held.push(...some.map((attempt) => ({ namespace, attempt })));
      this.held.splice(0, this.held.length - 20);
    };
    const claim = async (): Promise<void> => {
      const namespace = this.namespace();
      const request = { worker: this.worker(), units: 1 + Math.floor(this.random() * 4), lifetime: SECOND };
      keep(namespace, (await attempts.claim(namespace, request)).attempts);
    };
    const make = async (): Promise<void> => {
      const namespace = this.namespace();
      const request = { worker: this.worker(), workSpec: this.spec(), workUnit: this.unit(), lifetime: SECOND };
      keep(namespace, [await attempts.make(namespace, request)]);
    };
    const change = async (): Promise<void> => {
      if (this.held.length === 0) return claim();
      const { namespace, attempt } = this.pick(this.held);
      const data = this.random() < 0.7 ? this.content() : undefined;
      await attempts.change(namespace, { ref: attempt, action: this.pick(ACTIONS), data });
    };
    const report = () => ({
      workSpec: this.spec(),
      workUnit: this.unit(),
      status: this.pick(['available', 'pending', 'finished', 'failed'] as const),
      data: this.random() < 0.5 ? this.content() : undefined,
      worker: this.random() < 0.5 ? this.worker() : undefined,
      lifetime: SECOND,
    });
    return [
      [10, claim],
      [3, make],
      [12, change],
      [6, () => attempts.report(this.namespace(), report())],
      [1, () => attemptsOf(attempts, 'active', this.namespace(), this.worker())],
      [1, () => attemptsOf(attempts, 'of children', this.namespace(), this.worker())],
    ];
  }

  private ofTheRest(): [number, () => Awaitable<unknown>][] {
    const { workers, locks, maintenance, namespaces } = this.daemon;
    const limit = { count: 3 };
    return [
      [1, () => workers.change(this.namespace(), this.worker(), { parent: this.worker(), update: { lifetime: 1 } })],
      [1, () => workers.ensure(this.namespace(), this.worker())],
      [1, () => workers.claimedByChildren(this.namespace(), this.worker())],
      [1, () => maintenance.retain(new RetentionPolicy(limit, limit, { age: 0 }))],
      [1, () => locks.lock(this.namespace(), this.worker(), SECOND, [[this.unit()], [this.unit(), 'a']])],
      [1, () => locks.unlock(this.namespace(), this.worker(), [[this.unit()]])],
      [1, () => namespaces.summarize()],
    ];
  }
}

async function expectRightCounts({ specs, units }: Repositories): Promise<void> {
  for (const namespace of new Set(NAMESPACES)) {
    for (const { name } of await specs.list(namespace)) {
      const there = Object.fromEntries(WORK_UNIT_STATUSES.map((status) => [status, 0]));
      for (const { status } of await units.list(namespace, name, {})) there[status]++;
      expect(await specs.counts(namespace, name)).toEqual(there);
      for (const status of WORK_UNIT_STATUSES) {
        expect(await units.listNames(namespace, name, { statuses: [status] })).toHaveLength(there[status]);
      }
    }
  }
}
