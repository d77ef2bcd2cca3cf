import type {
  Attempt,
  AttemptAction,
  AttemptChange,
  AttemptRecord,
  AttemptRef,
  Claim,
  ClaimRequest,
  Encodable,
  Micros,
  NewWorkUnit,
  Random,
  ReportAnswer,
  WorkUnit,
  WorkUnitQuery,
  WorkUnitReport,
  WorkUnitStatus,
} from 'coordinate-daemon/backend';
import { defineWorkSpec, encode, MINUTE } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { BackendHarness, Capability, OpenBackend, Repositories } from './harness.js';
import { data, show } from './data.js';
import { attemptsOf } from './attempts.js';

/** When every test begins: 2023-11-14 22:13:20.123 UTC. */
export const START: Micros = 1_700_000_000_123_000;

/** Length of the leases that tests take unless they say otherwise. */
export const LEASE: Micros = 10 * MINUTE;

/** A unit by its name, or with data and meta. */
export type UnitToAdd = string | (Partial<Omit<NewWorkUnit, 'data'>> & { name: string; data?: Encodable });

/** What tests do to a backend, in short words: everything in one namespace, on a clock that moves when told to. */
export class World {
  readonly namespace = 'test';
  now = START;
  private backend: OpenBackend | undefined;

  constructor(private readonly harness: Pick<BackendHarness, 'lacks'>) {}

  has(capability: Capability): boolean {
    return this.harness.lacks[capability] === undefined;
  }

  /** A group of tests for backends that can do something; of others it shows why it is left out. */
  describeWith(capability: Capability, name: string, body: () => void): void {
    if (this.has(capability)) describe(name, body);
    else describe.skip(this.leftOut(capability, name), body);
  }

  /** The same of one test. */
  itWith(capability: Capability, name: string, body: () => Promise<void>): void {
    if (this.has(capability)) it(name, body);
    else it.skip(this.leftOut(capability, name), body);
  }

  private leftOut(capability: Capability, name: string): string {
    return `${name} (left out: it lacks ${capability}, ${this.harness.lacks[capability]})`;
  }

  /** Gives the world an empty backend to stand on. */
  async begin(backend: OpenBackend): Promise<void> {
    this.backend = backend;
    await backend.reset();
    backend.setRandom(() => 0);
    await this.setClock(START);
    backend.observer?.take();
  }

  get repositories(): Repositories {
    return this.backend!.repositories;
  }
  get namespaces(): Repositories['namespaces'] {
    return this.repositories.namespaces;
  }
  get specs(): Repositories['specs'] {
    return this.repositories.specs;
  }
  get units(): Repositories['units'] {
    return this.repositories.units;
  }
  get attempts(): Repositories['attempts'] {
    return this.repositories.attempts;
  }
  get workers(): Repositories['workers'] {
    return this.repositories.workers;
  }
  get locks(): Repositories['locks'] {
    return this.repositories.locks;
  }
  get maintenance(): Repositories['maintenance'] {
    return this.repositories.maintenance;
  }
  get snapshots(): Repositories['snapshots'] {
    return this.repositories.snapshots;
  }
  get past(): Repositories['history'] {
    return this.repositories.history;
  }
  get daemons(): Repositories['daemons'] {
    return this.repositories.daemons;
  }

  get sessions(): Repositories['sessions'] {
    return this.repositories.sessions;
  }
  get clock(): Repositories['clock'] {
    return this.repositories.clock;
  }
  get health(): Repositories['health'] {
    return this.repositories.health;
  }

  /** What the observer was told since this was last called. */
  observed(): string[] {
    return this.backend!.observer!.take();
  }

  another(): Promise<Repositories> {
    return this.backend!.another!();
  }

  /** Makes the storage unreachable. @returns what ends that */
  interrupt(): Promise<() => Promise<void>> {
    return this.backend!.interrupt!();
  }

  /** Empties the storage, as before each test, and leaves the clock as it is. */
  async empty(): Promise<void> {
    await this.backend!.reset();
    await this.setClock(this.now);
  }

  async setClock(now: Micros): Promise<void> {
    this.now = now;
    await this.backend!.setClock(now);
  }

  advance(span: Micros): Promise<void> {
    return this.setClock(this.now + span);
  }

  setRandom(random: Random): void {
    this.backend!.setRandom(random);
  }

  /** The specs that claims draw at these points of the scheduler's randomness, each given up before the next. */
  async drawnAt(...points: number[]): Promise<(string | undefined)[]> {
    const drawn: (string | undefined)[] = [];
    for (const point of points) {
      this.setRandom(() => point);
      const claim = await this.claim();
      drawn.push(claim.workSpec);
      await this.act(claim.attempts[0], 'expire');
    }
    return drawn;
  }

  async spec(name: string, fields: Record<string, Encodable> = {}, namespace = this.namespace): Promise<void> {
    await this.specs.set(namespace, defineWorkSpec(encode({ name, ...fields })));
  }

  async add(spec: string, ...units: UnitToAdd[]): Promise<void> {
    await this.units.add(
      this.namespace,
      spec,
      units.map((unit) => {
        const { data: content = {}, ...rest } = typeof unit === 'string' ? { name: unit } : unit;
        return { priority: 0, ...rest, data: data(content) };
      }),
    );
  }

  async claim(worker = 'w', request: Partial<ClaimRequest> = {}): Promise<Claim> {
    return await this.attempts.claim(this.namespace, { worker, units: 1, lifetime: LEASE, ...request });
  }

  /** The names of the units that a claim gives. */
  async claimed(worker = 'w', request: Partial<ClaimRequest> = {}): Promise<string[]> {
    return (await this.claim(worker, request)).attempts.map(({ workUnit }) => workUnit);
  }

  /** Claims one unit that must be there. */
  async take(worker = 'w', request: Partial<ClaimRequest> = {}): Promise<Attempt> {
    const { attempts } = await this.claim(worker, request);
    expect(attempts).toHaveLength(1);
    return attempts[0];
  }

  async make(worker: string, spec: string, unit: string, lifetime = LEASE, workers?: string): Promise<Attempt> {
    return await this.attempts.make(this.namespace, { worker, workSpec: spec, workUnit: unit, lifetime, workers });
  }

  /** A transition; `content` becomes the attempt's own data. */
  async act(
    ref: AttemptRef,
    action: AttemptAction,
    {
      content,
      ...details
    }: { content?: Encodable } & Pick<AttemptChange, 'duration' | 'delay' | 'cause' | 'final'> = {},
  ): Promise<AttemptRecord> {
    const own = content === undefined ? undefined : data(content);
    return await this.attempts.change(this.namespace, { ref, action, data: own, ...details });
  }

  async report(
    spec: string,
    unit: string,
    status: WorkUnitReport['status'],
    {
      content,
      ...details
    }: { content?: Encodable; worker?: string; workers?: string; lifetime?: Micros; delay?: Micros } = {},
  ): Promise<ReportAnswer> {
    const own = content === undefined ? undefined : data(content);
    const report = { workSpec: spec, workUnit: unit, status, data: own, lifetime: LEASE, ...details };
    return await this.attempts.report(this.namespace, report);
  }

  async unit(spec: string, name: string): Promise<WorkUnit> {
    return await this.units.get(this.namespace, spec, name);
  }

  async status(spec: string, name: string): Promise<WorkUnitStatus> {
    return (await this.unit(spec, name)).status;
  }

  /** A unit's effective data. */
  async data(spec: string, name: string): Promise<unknown> {
    return show((await this.unit(spec, name)).data);
  }

  async names(spec: string, query: WorkUnitQuery = {}): Promise<string[]> {
    return await this.units.listNames(this.namespace, spec, query);
  }

  async attempt(ref: AttemptRef): Promise<Attempt> {
    return await this.attempts.get(this.namespace, ref);
  }

  /** The statuses of a unit's attempts, oldest first. */
  async history(spec: string, unit: string): Promise<string[]> {
    const attempts = await this.units.attempts(this.namespace, spec, unit);
    return attempts.map(({ worker, status }) => `${worker} ${status}`);
  }

  /** Units per status, those without any left out. */
  async counts(spec: string): Promise<Partial<Record<WorkUnitStatus, number>>> {
    const counts = await this.specs.counts(this.namespace, spec);
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  }

  /** A worker's pending attempts as `spec/unit`. */
  async activeOf(worker: string): Promise<string[]> {
    return named(await attemptsOf(this.attempts, 'active', this.namespace, worker));
  }

  async allOf(worker: string): Promise<string[]> {
    return named(await attemptsOf(this.attempts, 'all', this.namespace, worker));
  }
}

function named(attempts: readonly AttemptRef[]): string[] {
  return attempts.map(({ workSpec, workUnit }) => `${workSpec}/${workUnit}`);
}
