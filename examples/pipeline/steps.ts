import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Coordinate, DataObject, Handlers, UnitOfWork } from 'coordinate-client';
import { COUNT, MERGE, SPLIT, SWEEP } from './specs.js';
import { addCounts, countWords, type Part, partsOf, totalsOf, type WordCounts } from './texts.js';

/** What a unit of COUNT has. */
interface PartOfFile extends DataObject {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** What it is finished with. */
export interface CountedPart {
  readonly file: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** What is done with the units of each work spec; what a step returns becomes the data of its unit. */
export function steps(coordinate: Coordinate, flaky: number): Handlers {
  const { directory, bytes } = settingsOf(coordinate);
  let counted = 0;
  return {
    [SPLIT]: async ({ name }: UnitOfWork) => {
      const file = String(name);
      const parts = partsOf(readFileSync(join(await directory(), file)), await bytes());
      const units = parts.map(([from, to], i): [string, PartOfFile] => [`${file}#${i + 1}`, { file, from, to }]);
      // `output` becomes units of the spec that is named by `then`.
      return { parts: units.length, output: Object.fromEntries(units) };
    },

    [COUNT]: async ({ data }: UnitOfWork<PartOfFile>): Promise<CountedPart> => {
      const { file, from, to } = data;
      if (flaky > 0 && ++counted % flaky === 0) throw new Error('the one who counts was busy');
      const text = readPart(join(await directory(), file), [from, to]);
      return { file, counts: Object.fromEntries(countWords(text)) };
    },

    [MERGE]: async () => {
      const counts: WordCounts = new Map();
      let parts = 0;
      const query = { status: 'finished', include: 'data' } as const;
      for await (const { data } of coordinate.spec(COUNT).units<CountedPart>(query)) {
        addCounts(counts, Object.entries(data!.counts));
        parts++;
      }
      return { parts, ...totalsOf(counts) };
    },

    [SWEEP]: async () => ({ deleted: await coordinate.spec(SPLIT).deleteUnits({ status: 'finished' }) }),
  };
}

/** Where the files are, and how large their parts, as SPLIT says; asked for once. */
function settingsOf(coordinate: Coordinate): { directory: () => Promise<string>; bytes: () => Promise<number> } {
  let asked: Promise<{ readonly directory: string; readonly part: number }> | undefined;
  const settings = () => (asked ??= coordinate.spec(SPLIT).get());
  return { directory: async () => (await settings()).directory, bytes: async () => (await settings()).part };
}

function readPart(path: string, [from, to]: Part): string {
  const part = Buffer.alloc(to - from);
  const file = openSync(path, 'r');
  try {
    readSync(file, part, 0, part.length, from);
  } finally {
    closeSync(file);
  }
  return part.toString();
}
