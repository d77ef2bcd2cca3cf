import { AttemptRepository } from '../../attempts/attempt.repository.js';
import { changeAttempt, isMeant, startAttempt } from '../../domain/attempt-rules.js';
import type {
  Attempt,
  AttemptAction,
  AttemptChange,
  AttemptRecord,
  AttemptRef,
  Claim,
  ClaimRequest,
  AttemptsOf,
  AttemptList,
  MakeRequest,
} from '../../domain/attempt.js';
import type { FailureDetails } from '../../domain/cause.js';
import { failureCause } from '../../domain/cause.js';
import { CoordinateError, GoneError, NoSuchWorkUnitError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import { bytesOfName, isWithin } from '../../domain/names.js';
import { mustNotBeHeldByOthers } from '../../domain/hold.js';
import { applyReport } from '../../domain/report-rules.js';
import type { ReportAnswer, ReportedStatus, WorkUnitReport } from '../../domain/report.js';
import type { StraightEnd, UnitChange } from './batches/unit-change.js';
import { needCancel } from './opening/registration.js';
import type { PostgresStore } from './postgres-store.js';
import { rowOfSpec } from './postgres-store.js';
import { keepExpired } from './reading/keep-expired.js';
import { READ_ATTEMPT, UNIT_ATTEMPT } from './sql/reading.sql.js';
import { PostgresAttemptList } from './reading/attempt-list.js';
import { readAttempt, recordOf } from './units/attempt-view.js';
import type { SpecHead } from './units/spec-head.js';
import { isOfUnit } from './units/unit-image.js';
import { statement } from './wire/statement.js';
import { textParameter } from './wire/values.js';

export class PostgresAttemptRepository extends AttemptRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override claim(namespace: string, request: ClaimRequest): Promise<Claim> {
    return this.store.claim({ namespace, request });
  }

  override async undoClaim(namespace: string, attempts: readonly AttemptRef[]): Promise<void> {
    if (attempts.length > 0) await this.store.undoAttempts({ namespace, workSpec: attempts[0].workSpec }, attempts);
  }

  override make(namespace: string, { worker, workSpec, workUnit, lifetime, workers }: MakeRequest): Promise<Attempt> {
    return this.store.change<Attempt>({
      target: { namespace, workSpec },
      names: [workUnit],
      worker,
      needsData: () => true,
      apply: (rows) => {
        const unit = rows.find(workUnit);
        if (!unit) throw new NoSuchWorkUnitError(workUnit);
        mustNotBeHeldByOthers(unit, workers);
        const { data } = unit;
        startAttempt(unit, rows.worker(worker), rows.nextNumber(), lifetime, rows.now, rows.retrying);
        const attempt = unit.latest!;
        return () => ({ ...recordOf(attempt, workSpec, workUnit), data });
      },
    });
  }

  override async get(namespace: string, ref: AttemptRef): Promise<Attempt> {
    const { workSpec, workUnit } = ref;
    const rows = await this.store.pool.query(
      statement(UNIT_ATTEMPT, textParameter(namespace), textParameter(workSpec), bytesOfName(workUnit), ref.number),
    );
    rowOfSpec(rows, workSpec);
    if (!rows.some((row) => isOfUnit(row, READ_ATTEMPT.unit))) throw new NoSuchWorkUnitError(workUnit);
    await keepExpired(this.store, rows, READ_ATTEMPT);
    for (const row of rows) {
      const attempt = readAttempt(row, READ_ATTEMPT.unit, workSpec, Number(row[READ_ATTEMPT.now]));
      if (attempt && isMeant(attempt, ref)) return attempt;
    }
    throw new GoneError();
  }

  override change(namespace: string, change: AttemptChange): Promise<AttemptRecord> {
    const { action } = change;
    if (action === 'cancel' || action === 'recall') return this.stop(namespace, change);
    return this.store.change(attemptChange(namespace, change));
  }

  private async stop(namespace: string, change: AttemptChange): Promise<AttemptRecord> {
    await needCancel(this.store.pool, this.store.sessionName);
    const stopped = await this.store.change(attemptChange(namespace, change));
    this.store.noteStop(namespace);
    return stopped;
  }

  override async changeMany(
    namespace: string,
    changes: readonly AttemptChange[],
  ): Promise<(AttemptRecord | CoordinateError)[]> {
    const results = new Array<AttemptRecord | CoordinateError>(changes.length);
    let failure: { readonly reason: unknown } | undefined;
    // Changes of one attempt follow each other; handed over together, all others share transactions.
    for (const places of turnsOf(changes)) {
      const outcomes = await this.store.changeEach(places.map((at) => attemptChange(namespace, changes[at])));
      outcomes.forEach((outcome, i) => {
        if (outcome.status === 'fulfilled') results[places[i]] = outcome.value;
        else if (outcome.reason instanceof CoordinateError) results[places[i]] = outcome.reason;
        else failure ??= outcome;
      });
      if (failure) throw failure.reason;
    }
    return results;
  }

  override report(namespace: string, report: WorkUnitReport): Promise<ReportAnswer> {
    const { workSpec, workUnit, status, worker, workers } = report;
    // Straight ahead it looks for the worker that reports, and for no other; where that must be one of some, it is.
    const isPlain = workers === undefined || (worker !== undefined && isWithin(workers, worker));
    const own = { ...report, data: report.data && Buffer.from(report.data) };
    return this.store.change<ReportAnswer>({
      target: { namespace, workSpec },
      names: [workUnit],
      worker: isPlain && isEnd(status) ? undefined : worker,
      needsData: (spec) => status === 'finished' && !own.data && chains(spec),
      end:
        isPlain && isEnd(status)
          ? { status, data: own.data, cause: causeOf(status, own), worker, answer: () => ({ changed: true }) }
          : undefined,
      apply: (rows) => {
        const answer = applyReport(rows.find(workUnit), own, rows, rows.now);
        return () => answer;
      },
    });
  }

  override listOf(namespace: string, worker: ByteName, which: AttemptsOf, after = 0): AttemptList {
    return new PostgresAttemptList(this.store, namespace, worker, which, after);
  }
}

/** The places of changes, those that can be made beside each other together: of several of an attempt each has a turn of its own. */
function turnsOf(changes: readonly AttemptChange[]): number[][] {
  const turns: number[][] = [];
  const seen = new Map<number, number>();
  changes.forEach(({ ref: { number } }, at) => {
    const turn = seen.get(number) ?? 0;
    seen.set(number, turn + 1);
    if (turn === turns.length) turns.push([at]);
    else turns[turn].push(at);
  });
  return turns;
}

function attemptChange(
  namespace: string,
  { ref, action, data, duration, delay, cause, final }: AttemptChange,
): UnitChange<AttemptRecord> {
  const { workSpec, workUnit } = ref;
  // Member by member: what is left of an object takes V8 longer to make, and to read.
  const own = { data: data && Buffer.from(data), duration, delay, cause, final };
  return {
    target: { namespace, workSpec },
    names: [workUnit],
    attemptNumber: ref.number,
    needsData: (spec) => action === 'finish' && !own.data && chains(spec),
    end: endOf(ref, action, own),
    apply: (rows) => {
      const unit = rows.find(workUnit);
      if (!unit) throw new NoSuchWorkUnitError(workUnit);
      const attempt = rows.attemptOf(unit, ref.number);
      if (!attempt || !isMeant(attempt, ref)) throw new GoneError();
      const error = changeAttempt(unit, attempt, attempt === unit.active, action, own, rows, rows.now);
      const record = recordOf(attempt, workSpec, workUnit);
      return () => {
        if (error) throw error;
        return record;
      };
    },
  };
}

function endOf(
  ref: AttemptRef,
  action: AttemptAction,
  details: FailureDetails,
): StraightEnd<AttemptRecord> | undefined {
  if (action !== 'finish' && action !== 'fail') return undefined;
  const { workSpec, workUnit, worker, number, start } = ref;
  const status = action === 'finish' ? 'finished' : 'failed';
  return {
    status,
    data: details.data,
    cause: causeOf(status, details),
    worker,
    attempt: ref,
    answer: ({ end, expiration }) => ({ workSpec, workUnit, worker, number, start, status, end, expiration }),
  };
}

/** Why an attempt fails that comes to its end, if it does. */
function causeOf(status: StraightEnd<unknown>['status'], details: FailureDetails): string | undefined {
  return status === 'failed' ? failureCause(details) : undefined;
}

/** Whether a report is of an end, if the unit is pending. */
function isEnd(status: ReportedStatus | undefined): status is 'finished' | 'failed' {
  return status === 'finished' || status === 'failed';
}

function chains({ meta }: SpecHead): boolean {
  return meta.nextWorkSpecName !== '';
}
