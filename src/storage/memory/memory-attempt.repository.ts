import { AttemptRepository } from '../../attempts/attempt.repository.js';
import type {
  Attempt,
  AttemptChange,
  AttemptRecord,
  AttemptRef,
  Claim,
  ClaimRequest,
  AttemptList,
  AttemptsOf,
  MakeRequest,
} from '../../domain/attempt.js';
import { NO_NAMESPACE } from '../../domain/attempt.js';
import { isMeant } from '../../domain/attempt-rules.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { CoordinateError, GoneError, NoSuchWorkUnitError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../../domain/report.js';
import type { Scheduler } from '../../domain/scheduler/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { changeRecord, makeAttempt, report, undoing } from './attempt-changes.js';
import { WorkersAttempts } from './attempts-of-workers.js';
import { BusySpecs, claim } from './claiming.js';
import type { Gate } from './gate.js';
import { behind, whenOpen } from './gate.js';
import type { MemoryStore } from './memory-store.js';
import { atOnce, inSlices } from './pace.js';
import type { SpecState } from './spec-state.js';

export class MemoryAttemptRepository extends AttemptRepository {
  constructor(
    private readonly store: MemoryStore,
    private readonly scheduler: Scheduler,
  ) {
    super();
  }

  override claim(namespace: string, request: ClaimRequest): Awaitable<Claim> {
    const state = request.onlyInExisting ? this.store.find(namespace) : this.store.ensure(namespace);
    if (!state) return NO_NAMESPACE;
    const claimed = claim(state, request, this.scheduler, this.store.now());
    if (claimed instanceof BusySpecs) return this.claimLater(claimed, namespace, request);
    // Each time units have failed, so that it comes to an end.
    return claimed instanceof Promise ? claimed.then((made) => made ?? this.claim(namespace, request)) : claimed;
  }

  override undoClaim(namespace: string, attempts: readonly AttemptRef[]): Awaitable<void> {
    const spec = attempts.length === 0 ? undefined : this.store.find(namespace)?.specs.get(attempts[0].workSpec);
    if (!spec) return undefined;
    return this.store.within(spec, (now) => {
      const steps = undoing(spec, attempts, now);
      if (attempts.length <= this.store.pace.large) return atOnce(steps);
      return behind([spec], () => inSlices(steps, this.store.pace.slices()));
    });
  }

  override make(namespace: string, request: MakeRequest): Awaitable<Attempt> {
    return this.store.at(namespace, request.workSpec, (spec, now) => {
      const unit = spec.work.idOf(request.workUnit);
      if (unit === 0) throw new NoSuchWorkUnitError(request.workUnit);
      const attempt = makeAttempt(spec, unit, request, now);
      return spec.work.attempts.read(attempt, request.workSpec, now);
    });
  }

  override get(namespace: string, ref: AttemptRef): Awaitable<Attempt> {
    return this.store.at(namespace, ref.workSpec, (spec, now) =>
      spec.work.attempts.read(locate(spec, ref), ref.workSpec, now),
    );
  }

  override change(namespace: string, change: AttemptChange): Awaitable<AttemptRecord> {
    const { action } = change;
    const changed = this.changeAt(namespace, change, this.store.now());
    return action === 'cancel' || action === 'recall' ? this.toldOf(namespace, changed) : changed;
  }

  private toldOf(namespace: string, stopped: Awaitable<AttemptRecord>): Awaitable<AttemptRecord> {
    return whenReady(stopped, (record) => {
      this.store.noteStop(namespace);
      return record;
    });
  }

  override changeMany(
    namespace: string,
    changes: readonly AttemptChange[],
  ): Awaitable<(AttemptRecord | CoordinateError)[]> {
    if (changes.length > this.store.pace.large) return this.changeOn(namespace, changes, []);
    const now = this.store.now();
    const results: (AttemptRecord | CoordinateError)[] = [];
    for (const change of changes) {
      const result = this.tryChange(namespace, change, now);
      if (result instanceof Promise) return this.changeOn(namespace, changes, results, result);
      results.push(result);
    }
    return results;
  }

  override report(namespace: string, word: WorkUnitReport): Awaitable<ReportAnswer> {
    const now = this.store.now();
    const spec = this.store.spec(namespace, word.workSpec);
    const gate = spec.busyGate(now, word.status === 'finished');
    return gate ? this.reportLater(gate, namespace, word) : report(spec, word, now);
  }

  override listOf(namespace: string, worker: ByteName, which: AttemptsOf, after = 0): AttemptList {
    const record = this.store.find(namespace)?.knownWorkers?.find(worker);
    const own = new Set(record && [record]);
    const workers = which === 'of children' ? (record?.children ?? own) : own;
    return new WorkersAttempts(this.store, workers, which === 'of children' ? 'active' : which, after);
  }

  private changeAt(namespace: string, change: AttemptChange, now: Micros): Awaitable<AttemptRecord> {
    const { ref, action } = change;
    const spec = this.store.spec(namespace, ref.workSpec);
    const gate = spec.busyGate(now, action === 'finish');
    if (gate) return this.changeLater(gate, namespace, change);
    return changeRecord(spec, locate(spec, ref), action, change, now);
  }

  /** As changeAt; what the rules refuse is a result. */
  private tryChange(namespace: string, change: AttemptChange, now: Micros): Awaitable<AttemptRecord | CoordinateError> {
    try {
      const changed = this.changeAt(namespace, change, now);
      return changed instanceof Promise ? changed.catch(asResult) : changed;
    } catch (error) {
      return asResult(error);
    }
  }

  /** Goes on with changes of which there are results already, and the next one at work. Each reads the clock for itself. */
  private async changeOn(
    namespace: string,
    changes: readonly AttemptChange[],
    results: (AttemptRecord | CoordinateError)[],
    next?: Promise<AttemptRecord | CoordinateError>,
  ): Promise<(AttemptRecord | CoordinateError)[]> {
    const slices = this.store.pace.slices();
    if (next) results.push(await next);
    while (results.length < changes.length) {
      results.push(await this.tryChange(namespace, changes[results.length], this.store.now()));
      if (slices.isOver()) await slices.next();
    }
    return results;
  }

  // Functions of their own: where closures are made, all that they see is kept on the heap, for each call.

  private claimLater(busy: BusySpecs, namespace: string, request: ClaimRequest): Promise<Claim> {
    return whenOpen(busy.gates, () => this.claim(namespace, request));
  }

  private changeLater(gate: Gate, namespace: string, change: AttemptChange): Promise<AttemptRecord> {
    return whenOpen([gate], () => this.change(namespace, change));
  }

  private reportLater(gate: Gate, namespace: string, word: WorkUnitReport): Promise<ReportAnswer> {
    return whenOpen([gate], () => this.report(namespace, word));
  }
}

function asResult(error: unknown): CoordinateError {
  if (error instanceof CoordinateError) return error;
  throw error;
}

/** The attempt at a spec that is not busy. @throws NoSuchWorkUnitError, GoneError */
function locate({ work }: SpecState, ref: AttemptRef): number {
  const unit = work.idOf(ref.workUnit);
  if (unit === 0) throw new NoSuchWorkUnitError(ref.workUnit);
  const { table, slot } = work.attempts;
  for (const attempt of work.attempts.backFrom(work.units.latest(unit))) {
    if (table.number(attempt) < ref.number) break;
    if (table.number(attempt) === ref.number && isMeant(slot.at(attempt), ref)) return attempt;
  }
  throw new GoneError();
}
