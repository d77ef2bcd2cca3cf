import { encode } from '../../src/cbor/index.js';
import type { AttemptRecord, AttemptRef } from '../../src/domain/attempt.js';
import { RetentionPolicy } from '../../src/domain/retention.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import type { WorkUnitCounts, WorkUnitQuery } from '../../src/domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../src/domain/work-unit.js';
import type { OpenBackend, Repositories } from '../contract/harness.js';
import { hex } from '../contract/data.js';
import { answered, answerOf, compare } from './answers.js';
import { observe } from './observation.js';
import type { Move, Operation, Step } from './operations.js';
import { NAMESPACES } from './operations.js';
import { claim } from './reference/claim.js';
import { partsEqual, retain } from './reference/housekeeping.js';
import { observeReference } from './reference/observe.js';
import { report } from './reference/report.js';
import { runNow, startDue } from './reference/schedules.js';
import { changeMeta, setSpec } from './reference/specs.js';
import type { Data, RefAttempt, RefUnit } from './reference/state.js';
import { hexOf } from './reference/state.js';
import type { Action, Details } from './reference/transitions.js';
import { transition } from './reference/transitions.js';
import { changeWorker, deactivate } from './reference/workers.js';
import { Refused, RefWorld } from './reference/world.js';

export const START = 1_700_000_000_123_000;

/** Does the same to a backend and to the reference model, and compares what they answer and what can be seen of them. */
export class Driver {
  protected world = new RefWorld();
  /** Every attempt there ever was, with what the backend calls it. */
  protected known: { attempt: RefAttempt; ref: AttemptRef }[] = [];
  private steps = 0;
  /** What was asked last, which is asked once more by `repeat`. */
  private last: Omit<Step, 'move'> | undefined;
  /** Whether the clock has been set back. */
  private wentBack = false;

  constructor(protected readonly backend: OpenBackend) {}

  /** What the clock shows. */
  get now(): number {
    return this.world.now;
  }

  async begin(): Promise<void> {
    this.wentBack = false;
    await this.backend.reset();
    this.world.moveTo(START);
    await this.backend.setClock(START);
  }

  async step({ move, ...asked }: Step): Promise<void> {
    if (asked.operation.do !== 'repeat') this.last = asked;
    const { namespace, operation: meant } = this.last ?? asked;
    await this.moveTo(this.target(move));
    const operation = this.foreseeable(meant);
    if (operation.do === 'set spec' || operation.do === 'change meta') await this.forgetCorrections();
    const expected = answerOf(() => this.expect(namespace, operation));
    const answer = await answered(() => this.perform(namespace, operation));
    compare(answer, expected, `the answer to step ${++this.steps}: ${operation.do}`);
    await this.learn();
  }

  /** Moves the clock. Before it is set back what has run out takes effect, and it is seen what it has led to. */
  protected async moveTo(moment: number): Promise<void> {
    const isBack = moment < this.now;
    if (isBack) await this.look();
    else if (moment > this.now) await this.forgetCorrections();
    this.world.moveTo(moment);
    await this.backend.setClock(moment);
    this.wentBack ||= isBack;
    if (isBack) await this.look();
  }

  /**
   * Sets anew of specs what has to do with moments that are still to come since the clock was set back: whether somebody has looked before
   * the clock comes to them must be of no matter.
   */
  private async forgetCorrections(): Promise<void> {
    for (const { name: namespace, specs } of this.world.namespaces) {
      for (const { name: spec, meta, fields, isCorrected } of [...specs]) {
        if (!isCorrected) continue;
        const { nextContinuous } = meta;
        await this.both(namespace, { do: 'change meta', spec, change: { nextContinuous }, strict: false });
        if (!fields.flow?.rate_limit) continue;
        const flow = Object.fromEntries(Object.entries(fields.flow).filter(([key]) => key !== 'rate_limit'));
        await this.both(namespace, { do: 'set spec', spec, fields: { ...fields, flow } });
      }
      for (const spec of specs) spec.isCorrected = false;
    }
  }

  /** Does the same to both, which must answer the same. */
  private async both(namespace: string, operation: Operation): Promise<void> {
    const expected = answerOf(() => this.expect(namespace, operation));
    compare(await answered(() => this.perform(namespace, operation)), expected, `the answer to ${operation.do}`);
  }

  /** Compares all that can be seen. */
  async look(): Promise<void> {
    const seen = await observe(this.backend.repositories, NAMESPACES, this.steps % 2 === 1);
    compare(seen, observeReference(this.world, NAMESPACES), `what is seen after step ${this.steps}`);
  }

  /** The operation, without what nobody can foretell. */
  private foreseeable(operation: Operation): Operation {
    // Which of the units ended first is for one backend the order in which they did, and for another what the clock said.
    if (operation.do === 'retain' && this.wentBack) return { do: 'repeat' };
    if (operation.do !== 'retain' || !partsEqual(this.world, operation)) return operation;
    return { ...operation, finished: { age: operation.finished.age }, failed: { age: operation.failed.age } };
  }

  protected target(move: Move): number {
    if ('by' in move) return this.world.now + move.by;
    if ('back' in move) return this.world.now - move.back;
    const ahead = this.world.momentsAhead();
    return ahead.length === 0 ? this.world.now : Math.max(this.world.now, Math.min(...ahead) + move.next);
  }

  /** Learns what the backend calls the attempts that have begun, for later steps to use them. */
  protected async learn(): Promise<void> {
    const { units } = this.backend.repositories;
    for (const attempt of this.world.allAttempts()) {
      if (attempt.number !== 0) continue;
      const unit = this.world.unitOf(attempt)!;
      const history = await units.attempts(attempt.namespace, attempt.spec, attempt.unit);
      const ref = history[unit.attempts.indexOf(attempt)] as AttemptRef | undefined;
      if (!ref) throw new Error(`no attempt was made at ${attempt.spec}/${JSON.stringify(attempt.unit)}`);
      attempt.number = ref.number;
      this.known.push({ attempt, ref });
    }
  }

  private at(back: number): { attempt: RefAttempt; ref: AttemptRef } | undefined {
    return this.known[this.known.length - 1 - (back % this.known.length)];
  }

  /** What the reference model answers. */
  protected expect(namespace: string, operation: Operation): unknown {
    const { world } = this;
    switch (operation.do) {
      case 'set spec':
        return setSpec(world, namespace, operation.spec, operation.fields);
      case 'change meta':
        return changeMeta(world.spec(namespace, operation.spec), this.metaChange(operation), operation.strict);
      case 'delete spec': {
        const there = world.namespace(namespace)?.specs ?? [];
        const index = there.findIndex(({ name }) => name === operation.spec);
        if (index >= 0) there.splice(index, 1);
        return index >= 0;
      }
      case 'clear specs':
        return world.namespace(namespace)?.specs.splice(0).length ?? 0;
      case 'destroy namespace': {
        const there = world.namespace(namespace) !== undefined;
        world.namespaces = world.namespaces.filter(({ name }) => name !== namespace);
        return there;
      }
      case 'add': {
        const spec = world.spec(namespace, operation.spec);
        for (const unit of this.newUnits(operation.units)) {
          const delayed = unit.delay === undefined ? undefined : world.now + unit.delay;
          const notBefore = delayed ?? unit.notBefore ?? -62_135_596_800_000_000;
          world.put(spec, unit.name, { data: unit.content, priority: unit.priority, notBefore });
        }
        return undefined;
      }
      case 'change unit': {
        const unit = world.unit(namespace, operation.spec, operation.unit);
        if (operation.data && !operation.clear && world.status(unit) === 'pending') throw new Refused('ErrPending');
        if (operation.clear) world.clear(unit);
        if (operation.data) world.edit(unit, operation.data);
        unit.priority = operation.priority ?? unit.priority;
        if (operation.at !== undefined) Object.assign(unit, { notBefore: world.now + operation.at, isReady: false });
        return undefined;
      }
      case 'clear units':
        return this.select(namespace, operation.spec, operation.query).map((unit) => world.clear(unit)).length;
      case 'cancel units': {
        const { statuses } = operation.query;
        const pending = { ...operation.query, statuses: ['pending' as const] };
        if (statuses && !statuses.includes('pending'))
          return this.select(namespace, operation.spec, { names: [] }).length;
        const units = this.select(namespace, operation.spec, pending);
        for (const unit of units) transition(world, unit.active!, operation.release ? 'recall' : 'cancel', {});
        return units.length;
      }
      case 'repeat':
        return undefined;
      case 'delete units': {
        const gone = this.select(namespace, operation.spec, operation.query);
        const spec = world.spec(namespace, operation.spec);
        spec.units = spec.units.filter((unit) => !gone.includes(unit));
        return gone.length;
      }
      case 'query':
        return this.select(namespace, operation.spec, operation.query).map(({ name }) => name);
      case 'count': {
        const spec = this.world.spec(namespace, operation.spec);
        return WORK_UNIT_STATUSES.map((status) => this.world.count(spec, status));
      }
      case 'sum up':
        return (this.world.namespace(namespace)?.specs ?? [])
          .map((spec) => [spec.name, ...WORK_UNIT_STATUSES.map((status) => this.world.count(spec, status))].join())
          .filter((line) => !line.endsWith(',0,0,0,0,0'))
          .sort();
      case 'start due':
        return startDue(world);
      case 'run now':
        return runNow(world, namespace, operation.spec);
      case 'prioritize': {
        const { change } = operation;
        const units = this.select(namespace, operation.spec, operation.query);
        for (const unit of units) unit.priority = 'to' in change ? change.to : unit.priority + change.by;
        return units.length;
      }
      case 'claim':
        return claim(world, namespace, operation.ask, operation.random).map((attempt) => ({
          spec: attempt.spec,
          unit: attempt.unit,
          data: hexOf(attempt.first),
          start: attempt.start,
          expiration: attempt.expiration,
        }));
      case 'make': {
        const unit = world.unit(namespace, operation.spec, operation.unit);
        const attempt = world.begin(namespace, operation.spec, unit, operation.worker, operation.lifetime);
        return { data: hexOf(attempt.first), status: 'pending', start: world.now, expiration: attempt.expiration };
      }
      case 'transition':
        return this.expectTransition(this.at(operation.back)?.attempt, operation.action, operation.details);
      case 'transitions':
        return operation.changes.map((change) =>
          answerOf(() => this.expectTransition(this.at(change.back)?.attempt, change.action, change.details)),
        );
      case 'report':
        return report(world, namespace, operation.ask);
      case 'change worker':
        return changeWorker(world, namespace, operation.worker, operation.ask);
      case 'ensure worker':
        return world.ensureWorker(namespace, operation.worker).name;
      case 'deactivate': {
        const worker = world.worker(namespace, operation.worker);
        if (worker) deactivate(world, worker);
        return worker !== undefined;
      }
      case 'retain':
        return retain(world, operation);
    }
  }

  private expectTransition(attempt: RefAttempt | undefined, action: Action, details: Details): unknown {
    if (!attempt) return undefined;
    const unit = this.world.unit(attempt.namespace, attempt.spec, attempt.unit);
    if (!unit.attempts.includes(attempt)) throw new Refused('ErrGone');
    transition(this.world, attempt, action, details);
    const { status, end, expiration } = attempt;
    return { status, end, expiration };
  }

  /** The units that a query means, by going over all. */
  private select(namespace: string, spec: string, query: WorkUnitQuery): RefUnit[] {
    const { names, statuses, previous, limit } = query;
    return this.world
      .spec(namespace, spec)
      .units.filter((unit) => !names || names.includes(unit.name))
      .filter((unit) => !statuses || statuses.includes(this.world.status(unit)))
      .filter((unit) => previous === undefined || unit.name > previous)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, limit ?? Infinity);
  }

  /** What the backend answers. */
  protected async perform(namespace: string, operation: Operation): Promise<unknown> {
    const { namespaces, specs, units, attempts, workers } = this.backend.repositories;
    switch (operation.do) {
      case 'set spec':
        return await specs.set(namespace, defineWorkSpec(encode({ name: operation.spec, ...operation.fields })));
      case 'change meta': {
        const { spec, strict } = operation;
        return await specs.changeMeta(namespace, spec, this.metaChange(operation), { strict });
      }
      case 'delete spec':
        return await specs.delete(namespace, operation.spec);
      case 'clear specs':
        return await specs.clear(namespace);
      case 'destroy namespace':
        return await namespaces.destroy(namespace);
      case 'add':
        return await units.add(namespace, operation.spec, this.newUnits(operation.units));
      case 'change unit': {
        const { spec, unit, priority, at, clear, data } = operation;
        const notBefore = at === undefined ? undefined : this.world.now + at;
        return await units.change(namespace, spec, unit, { priority, notBefore, clear, data: data && encode(data) });
      }
      case 'clear units':
        return await units.clear(namespace, operation.spec, operation.query);
      case 'cancel units':
        return await units.cancel(namespace, operation.spec, operation.query, { release: operation.release });
      case 'repeat':
        return undefined;
      case 'delete units':
        return await units.delete(namespace, operation.spec, operation.query);
      case 'query':
        return await units.listNames(namespace, operation.spec, operation.query);
      case 'count': {
        const counts = await specs.counts(namespace, operation.spec);
        return WORK_UNIT_STATUSES.map((status) => counts[status]);
      }
      case 'sum up': {
        const summed = new Map<string, Partial<WorkUnitCounts>>();
        for (const { workSpec, status, count } of await namespaces.summarize(namespace)) {
          summed.set(workSpec, { ...summed.get(workSpec), [status]: count });
        }
        return [...summed]
          .map(([name, counts]) => [name, ...WORK_UNIT_STATUSES.map((status) => counts[status] ?? 0)].join())
          .sort();
      }
      case 'start due': {
        const { made, missed } = await this.backend.repositories.schedules.startDue();
        return { made, missed };
      }
      case 'run now':
        return await this.backend.repositories.schedules.runNow(namespace, operation.spec);
      case 'prioritize':
        return await units.prioritize(namespace, operation.spec, operation.query, operation.change);
      case 'claim': {
        this.backend.setRandom(() => operation.random);
        const claimed = await attempts.claim(namespace, operation.ask);
        return claimed.attempts.map((attempt) => ({
          spec: attempt.workSpec,
          unit: attempt.workUnit,
          data: hex(attempt.data),
          start: attempt.start,
          expiration: attempt.expiration,
        }));
      }
      case 'make': {
        const { spec, unit, worker, lifetime } = operation;
        const made = await attempts.make(namespace, { workSpec: spec, workUnit: unit, worker, lifetime });
        return { data: hex(made.data), status: made.status, start: made.start, expiration: made.expiration };
      }
      case 'transition': {
        const found = this.at(operation.back);
        if (!found) return undefined;
        const change = { ref: found.ref, action: operation.action, ...encoded(operation.details) };
        return ended(await attempts.change(found.attempt.namespace, change));
      }
      case 'transitions':
        return await this.performMany(operation.changes);
      case 'report': {
        const { spec, unit, data, ...ask } = operation.ask;
        return await attempts.report(namespace, { ...ask, ...encoded({ data }), workSpec: spec, workUnit: unit });
      }
      case 'change worker': {
        const { update, ...ask } = operation.ask;
        const data = update?.data && encode(update.data);
        return await workers.change(namespace, operation.worker, { ...ask, update: update && { ...update, data } });
      }
      case 'ensure worker':
        return (await workers.ensure(namespace, operation.worker)).name;
      case 'deactivate':
        return await workers.deactivate(namespace, operation.worker);
      case 'retain':
        return await retainAll(this.backend.repositories, operation);
    }
  }

  /** Many transitions in the order given: those of one namespace that follow each other in one call. */
  private async performMany(changes: { back: number; action: Action; details: Details }[]): Promise<unknown[]> {
    const { attempts } = this.backend.repositories;
    const answers: unknown[] = [];
    for (let index = 0; index < changes.length;) {
      const namespace = this.at(changes[index].back)?.attempt.namespace;
      if (namespace === undefined) return changes.map(() => undefined);
      let end = index;
      while (end < changes.length && this.at(changes[end].back)!.attempt.namespace === namespace) end++;
      const batch = changes
        .slice(index, end)
        .map(({ back, action, details }) => ({ ref: this.at(back)!.ref, action, ...encoded(details) }));
      const results = await attempts.changeMany(namespace, batch);
      answers.push(...results.map((result) => (result instanceof Error ? `refused: ${result.code}` : ended(result))));
      index = end;
    }
    return answers;
  }

  private metaChange(operation: Extract<Operation, { do: 'change meta' }>): typeof operation.change {
    if (operation.nextIn === undefined) return operation.change;
    return { ...operation.change, nextContinuous: this.world.now + operation.nextIn };
  }

  private newUnits(
    units: Extract<Operation, { do: 'add' }>['units'],
  ): { name: string; content: Data; data: Uint8Array; priority: number; delay?: number; notBefore?: number }[] {
    return units.map(({ name, data, priority, delay, at }) => {
      const notBefore = at === undefined ? undefined : this.world.now + at;
      return { name, content: data, data: encode(data), priority, delay, notBefore };
    });
  }
}

function encoded({ data, ...details }: Details): { data?: Uint8Array; duration?: number; delay?: number } {
  return data ? { ...details, data: encode(data) } : details;
}

function ended({ status, end, expiration }: AttemptRecord): unknown {
  return { status, end, expiration };
}

/** Rounds of retention until nothing more goes. */
async function retainAll(
  { maintenance }: Repositories,
  { finished, failed, workerAge }: Extract<Operation, { do: 'retain' }>,
): Promise<unknown> {
  const gone = { units: 0, workers: 0 };
  for (;;) {
    const { units, workers } = await maintenance.retain(new RetentionPolicy(finished, failed, { age: workerAge }));
    if (units + workers === 0) return gone;
    gone.units += units;
    gone.workers += workers;
  }
}
