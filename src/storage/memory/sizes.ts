import type { LockPath } from '../../domain/lock.js';
import type { NewWorkUnits } from '../../domain/work-unit.js';

/** About what things take, in bytes: for the decision whether there is room for more. What is taken is counted exactly. */

/** A unit's record and places in indexes, and the headers of its name and data. */
const UNIT_BYTES = 140;
/** A work spec without units: its tables begin with a few records each. */
export const SPEC_BYTES = 12_000;
const LOCK_BYTES = 500;

export function bytesOfUnits(units: NewWorkUnits): number {
  let bytes = units.length * UNIT_BYTES;
  // Where it has been counted already, they may be too many to look at each just for this.
  if (units.encodedBytes !== undefined) return bytes + units.encodedBytes;
  for (const { name, data } of units) bytes += name.length + data.length;
  return bytes;
}

/** Each part of a path is a node of its own. */
export function bytesOfLocks(paths: readonly LockPath[]): number {
  let bytes = 0;
  for (const path of paths) for (const part of path) bytes += LOCK_BYTES + 2 * part.length;
  return bytes;
}
