import type { Name } from 'coordinate-client';
import { pathPart } from '../names.js';
import type { CborItems, Item } from './cbor-items.js';

/** So many names of an output are shown. */
export const MOST_MADE = 100;
/** A list on which this stands is one that Python had as a tuple. */
const TUPLE = 128n;
/** Longer names are those of no unit. */
const LONGEST = 1_024;

export interface Output {
  readonly names: readonly Name[];
  /** Whether there are others behind them. */
  readonly hasMore: boolean;
}

/** The units that the `output` of a finished unit's data names, as they are chained; undefined: there is none. */
export function outputIn(items: CborItems): Output | undefined {
  if (items.bytes.length === 0) return undefined;
  const value = items.valueOf(items.item(), 'output');
  const output = value && listIn(items, value);
  if (output === undefined || (output.major !== 4 && output.major !== 5)) return undefined;
  const names = new Map<string, Name>();
  let at = 0;
  for (const item of items.inside(output)) {
    // In a map every other item is what belongs to the name before.
    const isName = output.major === 4 || at++ % 2 === 0;
    const name = isName ? nameIn(items, output.major === 4 ? listIn(items, item) : item) : undefined;
    if (name === undefined) continue;
    const key = pathPart(name);
    if (names.size === MOST_MADE && !names.has(key)) return { names: [...names.values()], hasMore: true };
    names.set(key, name);
  }
  return { names: [...names.values()], hasMore: false };
}

/** A list, or what else it is, without the mark of a tuple. */
function listIn(items: CborItems, item: Item): Item {
  return item.major === 6 && item.argument === TUPLE ? [...items.inside(item)][0] : item;
}

/** The name that an item is, or that a list of two to four begins with. */
function nameIn(items: CborItems, item: Item): Name | undefined {
  if (item.major === 4) {
    const size = items.size(item);
    const [first] = size >= 2 && size <= 4 ? items.inside(item) : [];
    return first && first.major !== 4 ? nameIn(items, first) : undefined;
  }
  if (item.major !== 2 && item.major !== 3) return undefined;
  const bytes = items.content(item);
  return bytes.length > LONGEST ? undefined : (items.text(item) ?? new Uint8Array(bytes));
}
