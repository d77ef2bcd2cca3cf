import type { ByteName } from '../../../domain/names.js';
import type { WorkSpecMeta } from '../../../domain/work-spec.js';
import { textOfRow } from '../wire/values.js';
import type { Row } from '../wire/statement.js';

/**
 * What a work spec says about how its units are handled, without its data. A daemon keeps these, and believes one only
 * when the transaction that uses it has found the same version in the database.
 */
export interface SpecHead {
  readonly id: number;
  readonly namespaceId: number;
  readonly name: string;
  readonly nameIsBytes: boolean;
  readonly version: number;
  readonly meta: Readonly<WorkSpecMeta>;
}

/** The columns that readSpecHead takes, in its order. */
export const SPEC_COLUMNS = `s.id, s.namespace_id, s.name, s.name_is_bytes, s.version, s.priority, s.weight, s.paused,
  s.continuous, s.can_be_continuous, s.min_memory_gb, s.interval_ns, s.next_continuous,
  s.last_continuous, s.max_running, s.max_attempts_returned, s.max_retries, s.next_work_spec_name, s.runtime`;
/** How many they are. */
export const SPEC_WIDTH = 19;

export function readSpecHead(row: Row): SpecHead {
  return {
    id: Number(row[0]),
    namespaceId: Number(row[1]),
    name: textOfRow(row[2]!),
    nameIsBytes: row[3] === 't',
    version: Number(row[4]),
    meta: {
      priority: Number(row[5]),
      weight: Number(row[6]),
      paused: row[7] === 't',
      continuous: row[8] === 't',
      canBeContinuous: row[9] === 't',
      minMemoryGb: Number(row[10]),
      intervalNs: BigInt(row[11]!),
      nextContinuous: Number(row[12]),
      lastContinuous: Number(row[13]),
      maxRunning: Number(row[14]),
      maxAttemptsReturned: Number(row[15]),
      maxRetries: Number(row[16]),
      nextWorkSpecName: textOfRow(row[17]!),
      runtime: textOfRow(row[18]!),
      availableCount: 0,
      pendingCount: 0,
    },
  };
}

/** Names one unit of any spec, for Maps. */
export function unitKey(workSpecId: number, name: ByteName): string {
  return `${workSpecId} ${name}`;
}

/** The order that all transactions lock units by. */
export function byUnit(a: { workSpecId: number; name: ByteName }, b: { workSpecId: number; name: ByteName }): number {
  return a.workSpecId - b.workSpecId || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
