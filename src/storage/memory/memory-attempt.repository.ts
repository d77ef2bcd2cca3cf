import { AttemptRepository } from '../../attempts/attempt.repository.js';
import type { Attempt, AttemptChange, AttemptRecord, AttemptRef, Claim, ClaimRequest } from '../../domain/attempt.js';
import { NO_NAMESPACE } from '../../domain/attempt.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { CoordinateError, GoneError, NoSuchWorkUnitError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../../domain/report.js';
import type { Scheduler } from '../../domain/scheduler.js';
import type { Micros } from '../../domain/time.js';
import { applyReport, changeAttempt, startAttempt, undoAttempt } from './attempt-changes.js';
import { claim } from './claiming.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecState } from './spec-state.js';
import type { SpecWork } from './spec-work.js';
import type { WorkerRecord } from './worker-record.js';

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
    return claim(state, request, this.scheduler, this.store.now());
  }

  override undoClaim(namespace: string, attempts: readonly AttemptRef[]): void {
    if (attempts.length === 0) return;
    const now = this.store.now();
    const spec = this.store.find(namespace)?.specs.get(attempts[0].workSpec);
    if (!spec) return;
    spec.work.settle(now);
    for (const ref of attempts) undoAttempt(spec, ref, now);
  }

  override make(
    namespace: string,
    request: { worker: ByteName; workSpec: string; workUnit: ByteName; lifetime: Micros },
  ): Attempt {
    const now = this.store.now();
    const spec = this.store.spec(namespace, request.workSpec, now);
    const unit = spec.work.find(request.workUnit);
    if (unit === 0) throw new NoSuchWorkUnitError(request.workUnit);
    const attempt = startAttempt(spec, unit, request.worker, request.lifetime, now);
    return spec.work.attempts.read(attempt, request.workSpec, now);
  }

  override get(namespace: string, ref: AttemptRef): Attempt {
    const now = this.store.now();
    const { spec, attempt } = this.locate(namespace, ref, now);
    return spec.work.attempts.read(attempt, ref.workSpec, now);
  }

  override change(namespace: string, change: AttemptChange): AttemptRecord {
    return this.changeAt(namespace, change, this.store.now());
  }

  override changeMany(namespace: string, changes: readonly AttemptChange[]): (AttemptRecord | CoordinateError)[] {
    const now = this.store.now();
    return changes.map((change) => {
      try {
        return this.changeAt(namespace, change, now);
      } catch (error) {
        if (error instanceof CoordinateError) return error;
        throw error;
      }
    });
  }

  override report(namespace: string, report: WorkUnitReport): ReportAnswer {
    const now = this.store.now();
    const spec = this.store.spec(namespace, report.workSpec, now);
    if (report.worker !== undefined) spec.workers.ensure(report.worker, now);
    return applyReport(spec, report, now);
  }

  override activeOf(namespace: string, worker: ByteName): Attempt[] {
    const record = this.store.find(namespace)?.workers.find(worker);
    return record ? this.pendingOf(namespace, [record]) : [];
  }

  override allOf(namespace: string, worker: ByteName): Attempt[] {
    const record = this.store.find(namespace)?.workers.find(worker);
    return record ? this.read(namespace, [record], (work) => work.attempts.allOf(record)) : [];
  }

  override ofChildrenOf(namespace: string, worker: ByteName): Attempt[] {
    const record = this.store.find(namespace)?.workers.find(worker);
    return record ? this.pendingOf(namespace, [...record.children]) : [];
  }

  private changeAt(namespace: string, change: AttemptChange, now: Micros): AttemptRecord {
    const { spec, attempt } = this.locate(namespace, change.ref, now);
    changeAttempt(spec, attempt, change.action, change, now);
    return spec.work.attempts.record(attempt, change.ref.workSpec, now);
  }

  private pendingOf(namespace: string, workers: readonly WorkerRecord[]): Attempt[] {
    return this.read(namespace, workers, (work, worker, now) => work.attempts.pendingOf(worker, now));
  }

  /** The attempts that `select` names of some workers at every spec, oldest first. */
  private read(
    namespace: string,
    workers: readonly WorkerRecord[],
    select: (work: SpecWork, worker: WorkerRecord, now: Micros) => number[],
  ): Attempt[] {
    const now = this.store.now();
    const found: Attempt[] = [];
    for (const { work, definition } of this.store.ensure(namespace).specs.values()) {
      work.settle(now);
      for (const worker of workers) {
        if (!worker.attempts.has(work)) continue;
        for (const id of select(work, worker, now)) found.push(work.attempts.read(id, definition.name, now));
      }
    }
    return found.sort((a, b) => a.number - b.number);
  }

  /** @throws NoSuchWorkSpecError, NoSuchWorkUnitError, GoneError */
  private locate(namespace: string, ref: AttemptRef, now: Micros): { spec: SpecState; attempt: number } {
    const spec = this.store.spec(namespace, ref.workSpec, now);
    const { work } = spec;
    const unit = work.find(ref.workUnit);
    if (unit === 0) throw new NoSuchWorkUnitError(ref.workUnit);
    const { table } = work.attempts;
    for (const attempt of work.attempts.backFrom(work.units.latest(unit))) {
      if (table.number(attempt) < ref.number) break;
      if (table.number(attempt) !== ref.number || table.start(attempt) !== ref.start) continue;
      if (work.attempts.workerOf(attempt).name === ref.worker) return { spec, attempt };
    }
    throw new GoneError();
  }
}
