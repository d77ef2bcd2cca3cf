import type { NewWorkUnit, NewWorkUnits } from '../../../domain/work-unit.js';

/** Units with their data copied into memory of their own: what they come in may be used again once the caller returns. */
export function copyUnits(given: NewWorkUnits): NewWorkUnit[] {
  const units = [...given];
  let size = 0;
  for (const { data } of units) size += data.length;
  const memory = Buffer.allocUnsafe(size);
  let at = 0;
  return units.map((unit) => {
    memory.set(unit.data, at);
    const data = memory.subarray(at, (at += unit.data.length));
    return { ...unit, data };
  });
}
