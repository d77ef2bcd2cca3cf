import { giveOut } from '../../../domain/attempt-rules.js';
import type { Claim } from '../../../domain/attempt.js';
import { NO_CLAIM, NO_NAMESPACE } from '../../../domain/attempt.js';
import { bytesBesideData, ownUnits } from '../../../domain/claim-rules.js';
import { putUnit } from '../../../domain/unit-rules.js';
import type { WorkSpecMeta } from '../../../domain/work-spec.js';
import { retryingOf } from '../../../domain/retry-rules.js';
import { afterContinuous, atPresent } from '../../../domain/work-spec.js';
import { HOLD_SPECS, SET_NEXT_CONTINUOUS } from '../sql/specs.sql.js';
import { BLOCKED_SPECS } from '../sql/limits.sql.js';
import { CLAIMABLE, LOCK_CLAIMABLE, LOCK_UNITS, WAIT_FOR_CLAIMABLE } from '../sql/units.sql.js';
import { WORKERS_TO_RECORD } from '../sql/workers.sql.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import { recordOf } from '../units/attempt-view.js';
import { dataOf, UnitImage } from '../units/unit-image.js';
import { boolColumn, byteaColumn, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import type { ClaimJob, ClaimTools } from './claim-job.js';
import type { Demand, OpenClaim } from './claim-draw.js';
import { ClaimDraw } from './claim-draw.js';
import { correctBucket, takeFromBucket } from './buckets.js';
import type { SpecState } from './spec-state.js';
import { mostBytes, readClaimState } from './claim-state.js';
import { settleDue } from './settling.js';
import { claimStraight } from './straight-claims.js';
import { UnitTransaction } from './unit-transaction.js';

/**
 * Carries out claims in one transaction, in their order: each draws a work spec as if those before it had already taken
 * theirs, then all that was drawn of one spec is taken at once and dealt out in that order.
 */
export async function runClaims(
  connection: Connection,
  shard: number,
  tools: ClaimTools,
  jobs: readonly ClaimJob[],
): Promise<ClaimJob[]> {
  const there = await inNamespaces(connection, tools.directory, jobs);
  await tools.known.note(
    connection,
    there.flatMap(({ work }) => tools.directory.namespaceId(work.namespace) ?? []),
  );
  const rest = await claimStraight(connection, shard, tools, there);
  if (rest.length === 0) return [];
  const { directory } = tools;
  const isPatient = rest.some(({ work }) => work.patient);
  const settled = new Set<number>();
  for (let now = 0; ;) {
    const transaction = new UnitTransaction(connection, shard, directory, tools.tidings, now);
    const batch = new ClaimBatch(transaction, tools, rest, isPatient, settled);
    const due = await batch.run();
    if (due.length === 0) return batch.later;
    // The claims stay at the moment at which this was found, so that nothing more can run out before them.
    ({ now } = transaction);
    await settleDue(connection, shard, directory, due, now, isPatient, tools.tidings);
    for (const id of due) settled.add(id);
  }
}

/** Finds or makes the namespaces of claims. @returns the claims that have one; the others are answered */
async function inNamespaces(
  connection: Connection,
  directory: SpecDirectory,
  jobs: readonly ClaimJob[],
): Promise<readonly ClaimJob[]> {
  const hasNone = ({ work }: ClaimJob): boolean => directory.namespaceId(work.namespace) === undefined;
  const unknown = jobs.filter(hasNone);
  if (unknown.length === 0) return jobs;
  const toMake = unknown.filter(({ work }) => !work.request.onlyInExisting);
  const nameOf = ({ work }: ClaimJob): string => work.namespace;
  await directory.findNamespaces(connection, unknown.map(nameOf), toMake.map(nameOf));
  const missing = unknown.filter((job) => job.work.request.onlyInExisting && hasNone(job));
  for (const job of missing) job.answer(() => NO_NAMESPACE);
  return missing.length === 0 ? jobs : jobs.filter((job) => !missing.includes(job));
}

class ClaimBatch {
  readonly later: ClaimJob[] = [];
  private readonly source: ClaimDraw;
  private readonly locked = new Set<number>();
  private hasWritten = false;
  /** Whether a spec gave less than it seemed to have, as far as others did not hold it. */
  private fellShort = false;
  /** How many bytes the claims may still be given together. */
  private bytesLeft: number;
  /** Whether it is the first look that reads the clock. */
  private readonly readsClock: boolean;

  constructor(
    private readonly transaction: UnitTransaction,
    private readonly tools: ClaimTools,
    private readonly jobs: readonly ClaimJob[],
    private readonly isPatient: boolean,
    /** Specs of which all that has run out has taken effect, but for units that others hold. */
    private readonly settled: ReadonlySet<number>,
  ) {
    this.readsClock = transaction.now === 0;
    this.bytesLeft = mostBytes(jobs);
    this.source = new ClaimDraw(tools.scheduler);
  }

  /** @returns the specs of which leases or delays have to take effect first, when there are such; nothing is done then */
  async run(): Promise<number[]> {
    const { directory } = this.tools;
    let claims: OpenClaim[] = [];
    for (const job of this.jobs) {
      const namespaceId = directory.namespaceId(job.work.namespace);
      if (namespaceId === undefined) this.later.push(job);
      else claims.push({ job, namespaceId, attempts: [] });
    }
    const namespaces = [...new Set(claims.map(({ namespaceId }) => namespaceId))];
    let found = await this.readState(namespaces);
    if (found.due.length === 0 && (await this.correctMoments())) found = await this.readState(namespaces);
    claims = claims.filter(({ job, namespaceId }) => {
      if (found.present.has(namespaceId)) return true;
      directory.forgetNamespace(namespaceId);
      this.later.push(job);
      return false;
    });

    for (let open = claims; open.length > 0 && found.due.length === 0;) {
      const demands = this.source.draw(open, this.transaction.now);
      open = open.filter(({ isBlocked }) => !isBlocked);
      if (demands.size === 0) break;
      const limited = [...demands.keys()].filter((spec) => isLimited(spec) && !this.locked.has(spec.id));
      if (limited.length > 0) {
        // What they allow is only certain once nobody else can claim of them.
        for (const { id } of limited) this.locked.add(id);
        found = await this.readState(namespaces);
        continue;
      }
      await this.take(demands);
      open = open.filter(({ attempts }) => attempts.length === 0);
      if (open.length === 0) break;
      if (this.bytesLeft <= 0) {
        for (const claim of open) claim.isOutdated = true;
        break;
      }
      await this.transaction.flush([]);
      this.hasWritten = true;
      found = await this.readState(namespaces);
    }
    if (found.due.length > 0) await this.transaction.commit();
    else await this.finish(claims);
    return found.due;
  }

  /**
   * Corrects the specs that made a unit, or gave one out by their rate, at a moment which is still to come, since the clock has
   * been set back. Only by a clock that was read in this transaction: others may have done so since an earlier look.
   * @returns whether there was one
   */
  private async correctMoments(): Promise<boolean> {
    if (!this.readsClock) return false;
    const { now } = this.transaction;
    const corrections = this.source.mayBeContinuous().flatMap((spec) => {
      const meta = atPresent(spec.head.meta, now);
      return meta === spec.head.meta ? [] : [setNextContinuous(spec, meta)];
    });
    for (const spec of this.source.limited()) {
      const correction = correctBucket(spec, now);
      if (correction) corrections.push(correction);
    }
    if (corrections.length === 0) return false;
    await this.transaction.flush(corrections);
    this.hasWritten = true;
    return true;
  }

  /** Reads what the draw looks at, after locking the specs that need it. */
  private async readState(namespaces: readonly number[]): Promise<{ present: ReadonlySet<number>; due: number[] }> {
    const ids = [...this.locked].sort((a, b) => a - b);
    const { source } = this;
    const looking = {
      lock: ids,
      isPatient: this.isPatient && this.mayWait,
      isPure: !this.hasWritten,
      exhausted: source.exhausted,
    };
    const { present, specs, known, due, locked } = await readClaimState(
      this.transaction,
      this.tools,
      namespaces,
      looking,
    );
    source.specs = specs;
    source.known = known;
    for (const id of ids) {
      if (locked.has(id)) continue;
      this.locked.delete(id);
      source.held.add(id);
    }
    const rest = this.hasWritten ? [] : due;
    if (rest.some((id) => this.settled.has(id))) this.fellShort = true;
    return { present, due: rest.filter((id) => !this.settled.has(id)) };
  }

  /**
   * Whether it may wait for what others hold. What it has written others may wait for, by the counters that several write: they would
   * wait for each other until the time for locks is over.
   */
  private get mayWait(): boolean {
    return !this.hasWritten;
  }

  /** Locks the first units of each spec, and starts attempts on them. */
  private async take(demands: ReadonlyMap<SpecState, Demand[]>): Promise<void> {
    const specs = [...demands.keys()];
    for (const spec of specs) if (spec.startsContinuous) await this.addContinuousUnit(spec);
    // Those that are locked are so to all others, and may have been changed by this transaction.
    const others = specs.flatMap(({ id }) => (this.locked.has(id) ? [] : [id])).sort((a, b) => a - b);
    const waiting = specs.filter(({ head }) => head.meta.flow?.after !== undefined).map(({ id }) => id);
    const [held, ...results] = await this.transaction.run([
      statement(HOLD_SPECS, int8Column(others)),
      ...specs.map((spec) => this.lockClaimable(spec, demands.get(spec)!, specs.length)),
      ...(waiting.length > 0 ? [statement(BLOCKED_SPECS, int8Column(waiting))] : []),
    ]);
    // Units that came since the first look are given out only if those that they come after are at rest now.
    const blocked = new Set(waiting.length > 0 ? results.pop()!.map(([id]) => Number(id)) : []);
    const versions = new Map(held.map(([id, version]) => [Number(id), Number(version)]));
    specs.forEach((spec, i) => {
      // Whoever has changed it may have given it a limit.
      if ((!this.locked.has(spec.id) && versions.get(spec.id) !== spec.head.version) || blocked.has(spec.id)) {
        this.putOff(spec, demands.get(spec)!);
        return;
      }
      const rows = results[i];
      let next = 0;
      let given = 0;
      for (const { claim, units } of demands.get(spec)!) {
        for (let left = units; left > 0 && next < rows.length; next++, left--) {
          const row = rows[next];
          const unit = this.transaction.take(UnitImage.read(spec.id, row, CLAIMABLE.unit, this.transaction.now));
          if (this.giveOut(spec, claim, unit, row)) given++;
        }
      }
      this.noteGiven(spec, given);
      const asked = demands.get(spec)!.reduce((sum, { units }) => sum + units, 0);
      const locked = rows.length === 0 ? 0 : Number(rows[0][CLAIMABLE.locked]);
      if (locked < asked) {
        this.source.exhaust(spec);
        this.fellShort = true;
        // Those that are to wait for others have it done by another transaction.
        if (!this.mayWait) for (const { claim } of demands.get(spec)!) claim.isOutdated ||= claim.job.work.patient;
      }
    });
  }

  /** Has claims drawn anew in another transaction. */
  private putOff(spec: SpecState, demands: readonly Demand[]): void {
    this.source.exhaust(spec);
    for (const { claim } of demands) claim.isOutdated = true;
  }

  /** @param sharing - of how many specs the bytes are that are left */
  private lockClaimable(spec: SpecState, demands: readonly Demand[], sharing: number): Statement {
    const patient = this.mayWait && demands.some(({ claim }) => claim.job.work.patient);
    const units = demands.reduce((sum, demand) => sum + demand.units, 0);
    const { rank, name } = spec.first ?? { rank: '-Infinity', name: Buffer.alloc(0) };
    const maxBytes = Math.max(0, Math.floor(this.bytesLeft / sharing));
    return statement(
      patient ? WAIT_FOR_CLAIMABLE : LOCK_CLAIMABLE,
      spec.id,
      rank,
      name,
      units,
      maxBytes < Infinity ? maxBytes : null,
      bytesBesideData(spec.head.name),
      spec.head.meta.maxRetries,
    );
  }

  /** Takes what has been handed out from the bucket of a spec. */
  private noteGiven(spec: SpecState, units: number): void {
    const { transaction } = this;
    const taking = takeFromBucket(spec, units, transaction.now);
    if (taking) transaction.also(taking.write, taking.next);
  }

  /** @returns whether it is handed out, and has not been tried too often */
  private giveOut(spec: SpecState, claim: OpenClaim, unit: UnitImage, row: Row): boolean {
    const { now } = this.transaction;
    const { worker, lifetime } = claim.job.work.request;
    const { moment: since } = unit;
    const data = bytesOf(row[CLAIMABLE.data]!);
    this.bytesLeft -= data.length + unit.name.length + bytesBesideData(spec.head.name);
    if (unit.latest) unit.latest.shownData = dataOf(row[CLAIMABLE.lastData]);
    const { maxRetries, flow } = spec.head.meta;
    const retrying = retryingOf(flow, this.tools.scheduler.random);
    if (!giveOut(unit, worker, Number(row[CLAIMABLE.number]), lifetime, maxRetries, now, retrying)) {
      spec.pending--;
      return false;
    }
    this.transaction.noteClaim(spec.id, since);
    claim.spec = spec;
    claim.attempts.push({ ...recordOf(unit.latest!, spec.head.name, unit.name), data });
    return true;
  }

  /** Makes the unit that a continuous spec without work gives itself, named by the first free millisecond. */
  private async addContinuousUnit(spec: SpecState): Promise<void> {
    const { transaction } = this;
    for (const unit of ownUnits(transaction.now)) {
      if (await this.isTaken(spec.id, unit.name)) continue;
      putUnit(transaction.unitsOf(spec.id), unit, transaction.now);
      break;
    }
    await transaction.flush([setNextContinuous(spec, afterContinuous(spec.head.meta, transaction.now))]);
    this.hasWritten = true;
    spec.first = undefined;
    spec.startsContinuous = false;
  }

  private async isTaken(workSpecId: number, name: string): Promise<boolean> {
    const [rows] = await this.transaction.run([
      statement(LOCK_UNITS, int8Column([workSpecId]), byteaColumn([name]), boolColumn([false])),
    ]);
    return rows.length > 0;
  }

  /** Records what each worker was given, commits, and answers. */
  private async finish(claims: readonly OpenClaim[]): Promise<void> {
    const { transaction } = this;
    const empty = claims.filter(({ attempts }) => attempts.length === 0);
    for (const claim of empty) {
      const { work } = claim.job;
      if (claim.isOutdated) {
        this.later.push(claim.job);
        continue;
      }
      if (!claim.isBlocked && (!this.fellShort || work.patient || work.hasWaited)) continue;
      work.patient = true;
      work.hasWaited = false;
      claim.job.turn++;
      this.later.push(claim.job);
    }
    const answered = claims.filter(({ job }) => !this.later.includes(job));
    for (const { namespaceId, job } of await this.unrecorded(answered)) {
      transaction.recordClaim(namespaceId, job.work.request.worker, null);
    }
    for (const { namespaceId, job, attempts, spec } of answered) {
      if (attempts.length === 0) continue;
      const numbers = attempts.map(({ number }) => number);
      transaction.recordClaim(namespaceId, job.work.request.worker, {
        workSpecId: spec!.id,
        first: Math.min(...numbers),
        last: Math.max(...numbers),
      });
    }
    await transaction.commit();
    for (const { job, attempts, spec } of answered) {
      const claim: Claim = spec ? { workSpec: spec.head.name, nameIsBytes: spec.head.nameIsBytes, attempts } : NO_CLAIM;
      job.answer(() => claim);
    }
  }

  /** Those who were given nothing and of whom the database says otherwise, or nothing at all. */
  private async unrecorded(claims: readonly OpenClaim[]): Promise<OpenClaim[]> {
    const empty = claims.filter(({ attempts }) => attempts.length === 0);
    if (empty.length === 0) return [];
    const [rows] = await this.transaction.run([
      statement(
        WORKERS_TO_RECORD,
        int8Column(empty.map(({ namespaceId }) => namespaceId)),
        byteaColumn(empty.map(({ job }) => job.work.request.worker)),
      ),
    ]);
    return rows.map(([ordinal]) => empty[Number(ordinal) - 1]);
  }
}

function setNextContinuous({ id, head }: SpecState, { nextContinuous, lastContinuous }: WorkSpecMeta): Statement {
  return statement(SET_NEXT_CONTINUOUS, id, head.version, nextContinuous, lastContinuous);
}

/** Whether how much may be claimed depends on what is pending or has been claimed, so that only one transaction at a time may claim. */
function isLimited(spec: SpecState): boolean {
  const { maxRunning, flow } = spec.head.meta;
  return maxRunning > 0 || flow?.rateLimit !== undefined || spec.startsContinuous;
}
