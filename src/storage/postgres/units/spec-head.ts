import { decodeFlow, type Flow } from '../../../domain/flow/flow.js';
import type { ByteName } from '../../../domain/names.js';
import type { WorkSpecMeta } from '../../../domain/work-spec.js';
import { bytesOf, textOfRow } from '../wire/values.js';
import { readSlots, SLOT_COLUMNS, SLOT_WIDTH } from './slot-columns.js';
import { positions } from '../wire/positions.js';
import type { Row } from '../wire/statement.js';

/**
 * What a work spec says about how its units are handled, without its data. A daemon keeps these, and believes one only
 * when the transaction that uses it has found the same version in the database.
 */
export interface SpecHead {
  readonly id: number;
  /** What its history goes by, which stays when the id changes. */
  readonly historyId: number;
  readonly namespaceId: number;
  readonly name: string;
  readonly nameIsBytes: boolean;
  readonly version: number;
  /** Whether another spec of its namespace waits for it to come to rest, or once did. */
  readonly awaited: boolean;
  readonly meta: Readonly<WorkSpecMeta>;
}

/** The columns that readSpecHead takes, as SPEC has them. */
export const SPEC_COLUMNS = `s.id, s.namespace_id, s.name, s.name_is_bytes, s.version, s.priority, s.weight, s.paused,
  s.continuous, s.can_be_continuous, s.min_memory_gb, s.interval_ns, s.next_continuous,
  s.last_continuous, s.max_running, s.max_attempts_returned, s.max_retries, s.next_work_spec_name, s.runtime, s.history_id, s.flow,
  s.awaited, ${SLOT_COLUMNS}`;
const SPEC = positions(
  ...(['id', 'namespaceId', 'name', 'nameIsBytes', 'version', 'priority', 'weight', 'paused', 'continuous'] as const),
  ...(['canBeContinuous', 'minMemoryGb', 'intervalNs', 'nextContinuous', 'lastContinuous', 'maxRunning'] as const),
  ...(['maxAttemptsReturned', 'maxRetries', 'nextWorkSpecName', 'runtime', 'historyId', 'flow', 'awaited'] as const),
  ['slots', SLOT_WIDTH],
);
/** How many they are. */
export const SPEC_WIDTH = SPEC.slots + SLOT_WIDTH;

export function readSpecHead(row: Row): SpecHead {
  return {
    id: Number(row[SPEC.id]),
    historyId: Number(row[SPEC.historyId]),
    namespaceId: Number(row[SPEC.namespaceId]),
    name: textOfRow(row[SPEC.name]!),
    nameIsBytes: row[SPEC.nameIsBytes] === 't',
    version: Number(row[SPEC.version]),
    awaited: row[SPEC.awaited] === 't',
    meta: {
      priority: Number(row[SPEC.priority]),
      weight: Number(row[SPEC.weight]),
      paused: row[SPEC.paused] === 't',
      continuous: row[SPEC.continuous] === 't',
      canBeContinuous: row[SPEC.canBeContinuous] === 't',
      minMemoryGb: Number(row[SPEC.minMemoryGb]),
      intervalNs: BigInt(row[SPEC.intervalNs]!),
      nextContinuous: Number(row[SPEC.nextContinuous]),
      lastContinuous: Number(row[SPEC.lastContinuous]),
      maxRunning: Number(row[SPEC.maxRunning]),
      maxAttemptsReturned: Number(row[SPEC.maxAttemptsReturned]),
      maxRetries: Number(row[SPEC.maxRetries]),
      nextWorkSpecName: textOfRow(row[SPEC.nextWorkSpecName]!),
      runtime: textOfRow(row[SPEC.runtime]!),
      flow: flowOfRow(row[SPEC.flow]),
      slots: readSlots(row, SPEC.slots),
      availableCount: 0,
      pendingCount: 0,
    },
  };
}

function flowOfRow(column: string | null): Flow | undefined {
  return column === null ? undefined : decodeFlow(bytesOf(column));
}

/** Names one unit of any spec, for Maps. */
export function unitKey(workSpecId: number, name: ByteName): string {
  return `${workSpecId} ${name}`;
}

/** The order that all transactions lock units by. */
export function byUnit(a: { workSpecId: number; name: ByteName }, b: { workSpecId: number; name: ByteName }): number {
  return a.workSpecId - b.workSpecId || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
