import type { After } from '../../../domain/flow/after.js';
import { refuseCircle } from '../../../domain/flow/circles.js';
import { decodeFlow, type Flow } from '../../../domain/flow/flow.js';
import { hasLimits } from '../../../domain/flow/hold-back.js';
import { FULL, nextToken, withRate } from '../../../domain/flow/token-bucket.js';
import type { Micros } from '../../../domain/time.js';
import type { WorkSpecDefinition } from '../../../domain/work-spec.js';
import { LOCK_BUCKET, NOTE_AWAITED, SET_LIMITS, WAITING_SPECS } from '../sql/limits.sql.js';
import { byteaColumn } from '../wire/columns.js';
import type { Run } from '../wire/connection-pool.js';
import type { Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf, textOfRow, textParameter } from '../wire/values.js';

/**
 * To be called before a work spec is set that has limits, in a transaction that has closed its namespace if it waits for others.
 * @returns what is to be done when it has been set
 * @throws InvalidValueError when it would wait for itself, by others or at once
 */
export async function limiting(
  run: Run,
  namespaceId: number,
  { name, meta }: WorkSpecDefinition,
): Promise<Statement[]> {
  const { flow } = meta;
  if (!hasLimits(flow)) return [];
  if (flow.after) await refuseCircleIn(run, namespaceId, name, flow.after);
  const bucket = flow.rateLimit ? await keptBucket(run, namespaceId, name, flow) : undefined;
  return setLimits(namespaceId, name, flow, bucket);
}

/** When a bucket is full, as a column says it: one of which nothing was ever taken always is. */
export function fullAtOf(column: string | null): Micros {
  return column === null ? FULL : Number(column);
}

/** @param bucket - when it is full, if it is not as it was, and a moment at which nobody can take of it */
export function setLimits(
  namespaceId: number,
  name: string,
  { after, rateLimit }: Flow,
  bucket: { readonly fullAt: Micros; readonly now: Micros } | undefined,
): Statement[] {
  const next = bucket && rateLimit && nextToken(rateLimit, bucket.fullAt, bucket.now);
  return [
    statement(
      SET_LIMITS,
      namespaceId,
      textParameter(name),
      bucket?.fullAt ?? null,
      next ?? null,
      after ? byteaColumn(after.map(textParameter)) : null,
    ),
    ...(after ? [noteAwaited(namespaceId)] : []),
  ];
}

export function noteAwaited(namespaceId: number): Statement {
  return statement(NOTE_AWAITED, namespaceId);
}

async function refuseCircleIn(run: Run, namespaceId: number, name: string, after: After): Promise<void> {
  const [rows] = await run(statement(WAITING_SPECS, namespaceId));
  const edges = new Map<string, After>();
  for (const [other, flow] of rows) {
    const named = flow === null ? undefined : decodeFlow(bytesOf(flow))?.after;
    if (named) edges.set(textOfRow(other!), named);
  }
  refuseCircle(name, after, (other) => edges.get(other));
}

/** What is in the bucket of a spec that is there stays in it. */
async function keptBucket(
  run: Run,
  namespaceId: number,
  name: string,
  { rateLimit }: Flow,
): Promise<{ fullAt: Micros; now: Micros } | undefined> {
  const [[row]] = await run(statement(LOCK_BUCKET, namespaceId, textParameter(name)));
  if (!row) return undefined;
  const [flow, fullAt, now] = row;
  const before = flow === null ? undefined : decodeFlow(bytesOf(flow))?.rateLimit;
  if (before === undefined) return { fullAt: FULL, now: Number(now) };
  return { fullAt: withRate(before, rateLimit!, fullAtOf(fullAt), Number(now)), now: Number(now) };
}
