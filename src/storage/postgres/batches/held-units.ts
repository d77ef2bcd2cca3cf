import type { SpecDirectory } from '../units/spec-directory.js';
import { byUnit, unitKey } from '../units/spec-head.js';
import { EXISTING_UNITS, FREE_UNITS } from '../sql/units.sql.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import { statement } from '../wire/statement.js';
import type { ChangeJob, UnitChange } from './unit-change.js';
import type { Locking } from './lane.js';

/** How changes are told apart when a row was not to be locked: those of units that another session holds, from the others. */
export function lockingOfUnits(directory: SpecDirectory): Locking<UnitChange<unknown>> {
  return {
    // Of the many units of a large change any may be held, and the others need not be remembered.
    keysOf: ({ target: { namespace, workSpec }, names }) =>
      names.length === 1 ? [`${namespace}\0${workSpec}\0${names[0]}`] : [],
    heldOf: (connection, jobs) => heldOf(connection, directory, jobs),
  };
}

async function heldOf(
  connection: Connection,
  directory: SpecDirectory,
  jobs: readonly ChangeJob[],
): Promise<ReadonlySet<ChangeJob>> {
  const units = new Map<string, { workSpecId: number; name: string; jobs: ChangeJob[] }>();
  for (const job of jobs) {
    const workSpecId = directory.idOf(job.work.target);
    if (workSpecId === undefined) continue;
    for (const name of job.work.names) {
      const key = unitKey(workSpecId, name);
      const unit = units.get(key);
      if (unit) unit.jobs.push(job);
      else units.set(key, { workSpecId, name, jobs: [job] });
    }
  }
  const sorted = [...units.values()].sort(byUnit);
  const keys = [
    int8Column(sorted.map(({ workSpecId }) => workSpecId)),
    byteaColumn(sorted.map(({ name }) => name)),
  ] as const;
  const [free, existing] = await connection.tryOut([
    statement(FREE_UNITS, ...keys),
    statement(EXISTING_UNITS, ...keys),
  ]);
  const isFree = new Set(free.map(([ordinal]) => ordinal));
  const held = existing.filter(([ordinal]) => !isFree.has(ordinal));
  return new Set(held.flatMap(([ordinal]) => sorted[Number(ordinal) - 1].jobs));
}
