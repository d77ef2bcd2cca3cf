import type { Attempt } from '../../../domain/attempt.js';
import { bytesBesideData } from '../../../domain/claim-rules.js';
import { bytesOfName } from '../../../domain/names.js';
import { claimSize } from '../../../domain/scheduler/eligibility.js';
import { DEFAULT_LIFETIME, type Micros, ZERO_TIME } from '../../../domain/time.js';
import { START_ALONE, START_FOR_ONE, START_WITHIN_BYTES, STARTED } from '../sql/straight.sql.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Row } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import type { ClaimJob, ClaimTools } from './claim-job.js';
import type { SpecState } from './spec-state.js';
import { mostBytes } from './claim-state.js';
import type { Started } from './started.js';
import { readStarted } from './started.js';

/** Claims that can only be given units of one work spec, as far as is known. */
interface Plan {
  readonly namespaceId: number;
  /** All specs of the namespace. */
  readonly known: readonly SpecState[];
  readonly spec: SpecState;
  /** Specs that would change that if they had something to give. */
  readonly rivals: Set<SpecState>;
  readonly jobs: ClaimJob[];
  /** How many units each of those wants. */
  readonly units: number[];
}

/**
 * Carries out those claims for which there is nothing to draw, with one statement that commits by itself: when only one
 * spec has work for them, which has no limits of its own.
 * @returns the claims that are still to be carried out
 */
export async function claimStraight(
  connection: Connection,
  shard: number,
  tools: ClaimTools,
  jobs: readonly ClaimJob[],
): Promise<ClaimJob[]> {
  const plan = planOf(tools, jobs);
  if (!plan) return [...jobs];
  const { namespaceId, known, spec, rivals, units } = plan;
  const asked = units.reduce((sum, count) => sum + count, 0);
  const hint = tools.hints.of(namespaceId, spec.id);
  const maxBytes = Math.min(mostBytes(plan.jobs), Number.MAX_SAFE_INTEGER);
  // Where each claim wants one unit, it is rare that they have too many bytes: it is seen, and then goes the general way.
  const isBounded = units.length < asked && maxBytes < Number.MAX_SAFE_INTEGER;
  const [first] = plan.jobs;
  const isOne = plan.jobs.length === 1;
  const { worker, lifetime } = first.work.request;
  const [row] = (await connection.runAlone(
    statement(
      isOne ? START_FOR_ONE : isBounded ? START_WITHIN_BYTES : START_ALONE,
      namespaceId,
      int8Column(known.map(({ id }) => id)),
      int8Column(known.map(({ head }) => head.version)),
      spec.id,
      int8Column([...rivals].map(({ id }) => id)),
      hint?.arrivals ?? -1,
      hint?.place.rank ?? null,
      hint?.place.name ?? null,
      isOne ? bytesOfName(worker) : byteaColumn(perUnit(plan, ({ worker }) => worker)),
      isOne ? lifetime : int8Column(perUnit(plan, ({ lifetime }) => lifetime)),
      shard,
      DEFAULT_LIFETIME,
      maxBytes,
      bytesBesideData(spec.head.name),
      ...(isOne ? [asked] : []),
    ),
  )) as (Row | undefined)[];
  const started = row ? readStarted(row) : [];
  const given = started.length;
  // What was taken for known was not so, or is no longer: the general way looks again.
  if (given < asked) tools.hints.forgetState(namespaceId);
  else spec.available -= given;
  const answered = row ? deal(tools, plan, row, started) : new Set<ClaimJob>();
  return jobs.filter((job) => !answered.has(job));
}

function perUnit<T>({ jobs, units }: Plan, value: (request: ClaimJob['work']['request']) => T): T[] {
  return jobs.flatMap(({ work: { request } }, i) => new Array<T>(units[i]).fill(value(request)));
}

/** Gives out what was started. @returns the claims that got something */
function deal(tools: ClaimTools, { spec, jobs, units }: Plan, row: Row, started: readonly Started[]): Set<ClaimJob> {
  const { directory, hints, places } = tools;
  const answered = new Set<ClaimJob>();
  const now = Number(row[STARTED.now]);
  const rank = row[STARTED.rank];
  const place = rank === null ? undefined : { rank, name: bytesOf(row[STARTED.name]!) };
  hints.keep(spec.namespaceId, spec.id, Number(row[STARTED.arrivals]), place);
  const observer = directory.observerOf(spec.id);
  for (const { since, number, place } of started) {
    observer?.claimed(since, now);
    if (place !== undefined) places.note(number, place);
  }
  const { name: workSpec, nameIsBytes } = spec.head;
  let next = 0;
  let end = 0;
  let shortest: Micros = Infinity;
  jobs.forEach((job, i) => {
    const { worker, lifetime } = job.work.request;
    const attempts: Attempt[] = [];
    // Of the last one is whatever is left.
    end = i === jobs.length - 1 ? Infinity : end + units[i];
    for (; next < started.length && started[next].ordinal <= end; next++) {
      const { name, number, data } = started[next];
      attempts.push({
        workSpec,
        workUnit: name,
        worker,
        number,
        start: now,
        end: ZERO_TIME,
        expiration: now + lifetime,
        status: 'pending',
        data,
      });
    }
    if (attempts.length === 0) return;
    answered.add(job);
    shortest = Math.min(shortest, lifetime);
    job.answer(() => ({ workSpec, nameIsBytes, attempts }));
  });
  tools.tidings.begun(shortest);
  return answered;
}

/** @returns undefined when there is no claim for which it is plain where it leads */
function planOf({ directory, hints }: ClaimTools, jobs: readonly ClaimJob[]): Plan | undefined {
  let plan: Plan | undefined;
  const workers = new Set<string>();
  for (const job of jobs) {
    const { namespace, request, patient } = job.work;
    const namespaceId = directory.namespaceId(namespace);
    if (patient || namespaceId === undefined || (plan && plan.namespaceId !== namespaceId)) continue;
    const known = hints.stateOf(namespaceId);
    // One worker's claims follow each other: its record tells of the latest.
    if (!known || workers.has(request.worker)) continue;
    const suitable = known.filter((spec) => spec.suits(request));
    const spec = onlySource(suitable);
    if (!spec || (plan && plan.spec !== spec)) continue;
    const wanted = claimSize(spec.head.meta, request.units, spec);
    if (wanted > spec.available) continue;
    plan ??= { namespaceId, known, spec, rivals: new Set(), jobs: [], units: [] };
    workers.add(request.worker);
    plan.jobs.push(job);
    plan.units.push(wanted);
    for (const other of suitable) if (other !== spec && other.priority >= spec.priority) plan.rivals.add(other);
  }
  return plan;
}

/** The only one of some specs that can be drawn, if its units can be had without a look at how many are pending. */
function onlySource(suitable: readonly SpecState[]): SpecState | undefined {
  let best: SpecState | undefined;
  for (const spec of suitable) {
    if (spec.available <= 0) continue;
    if (best?.priority === spec.priority) return undefined;
    if (!best || spec.priority > best.priority) best = spec;
  }
  if (!best) return undefined;
  const { maxRunning, maxRetries, flow } = best.head.meta;
  // What is to follow if a lease runs out is drawn with it.
  if (maxRunning > 0 || maxRetries > 0 || flow?.retry?.expired || best.hasLimits) return undefined;
  const { priority } = best;
  const mayStartWork = suitable.some((spec) => spec !== best && spec.priority >= priority && spec.head.meta.continuous);
  return mayStartWork ? undefined : best;
}
