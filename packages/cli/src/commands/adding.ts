import type { NewWorkUnit, UnitToAdd, WorkSpecHandle } from 'coordinate-client';
import { type Format, openUnits } from '../input/units.js';
import { Progress } from '../output/progress.js';
import type { Session } from '../session.js';

/** Adds the units of a file, however many, with a bar that says how far it is. @returns how many */
export async function addFile(
  session: Session,
  spec: WorkSpecHandle,
  path: string,
  format?: Format,
  more?: More,
): Promise<number> {
  const { units, size, read } = openUnits(path, session.io.stdin, format);
  const progress = new Progress(session.io.stderr, 'units');
  try {
    const { added } = await spec.add(more === undefined ? units : withMore(units, more), {
      timeout: session.settings.timeout,
      onProgress: ({ added }) => progress.at(added, size ? read() / size : undefined),
    });
    return added;
  } finally {
    progress.done();
  }
}

/** What all units have that do not say it themselves. */
export type More = Pick<NewWorkUnit, 'data' | 'priority' | 'delay'>;

async function* withMore(units: AsyncIterable<UnitToAdd>, more: More): AsyncGenerator<UnitToAdd> {
  for await (const unit of units) yield unitWith(unit, more);
}

export function unitWith(unit: UnitToAdd, more: More): NewWorkUnit {
  return typeof unit === 'string' || unit instanceof Uint8Array ? { ...more, name: unit } : { ...more, ...unit };
}
