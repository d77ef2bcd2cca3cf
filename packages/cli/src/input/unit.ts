import type { Data, Name, NewWorkUnit, UnitToAdd } from 'coordinate-client';
import { UsageError } from '../errors.js';
import { bytesOfName } from './names.js';

type Item = Readonly<Record<string, unknown>>;

const KEYS = ['name', 'name_encoded', 'data', 'priority', 'not_before', 'delay', 'meta', 'status'];

/**
 * The units of a line: a name; a unit, whose `name` is text; a list of units; or, as ever, a map of names and data. @throws UsageError
 */
export function* unitsIn(value: unknown, number: number): Generator<UnitToAdd> {
  if (typeof value === 'string' || value instanceof Uint8Array) yield value;
  else if (Array.isArray(value)) for (const one of value) yield* unitsIn(one, number);
  else if (!isMap(value)) throw new UsageError(`line ${number} is neither a unit nor a map of names and data`);
  else if (isName(value.name) || typeof value.name_encoded === 'string') yield unitOf(value, number);
  else for (const [name, data] of Object.entries(value)) yield { name, data: dataIn(data, number, name) };
}

function unitOf(item: Item, number: number): NewWorkUnit {
  const unknown = Object.keys(item).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    throw new UsageError(`line ${number}: a unit has no ${unknown}; what it is to be done with goes into data`);
  const { name, name_encoded, data, delay } = item;
  const meta = isMap(item.meta) ? item.meta : item;
  return {
    name: isName(name) ? name : bytesOfName(name_encoded as string),
    data: dataIn(data, number, 'data'),
    ...(meta.priority !== undefined && meta.priority !== null && { priority: numberIn(meta.priority, number) }),
    ...(typeof meta.not_before === 'string' && { notBefore: dateIn(meta.not_before, number) }),
    ...((typeof delay === 'string' || typeof delay === 'number') && { delay }),
  };
}

/** @param header the first line of a table; its column `name`, or else its first, has the names @throws UsageError */
export function fromFields(header: readonly string[], fields: readonly string[], number: number): NewWorkUnit {
  if (fields.length !== header.length) {
    throw new UsageError(`line ${number} has ${fields.length} fields, the first line ${header.length}`);
  }
  const at = Math.max(0, header.indexOf('name'));
  const data = Object.create(null) as Record<string, unknown>;
  header.forEach((column, i) => {
    if (i !== at) data[column] = fields[i];
  });
  return { name: fields[at], data };
}

function isMap(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !(value instanceof Map) && !(value instanceof Uint8Array);
}

function isName(value: unknown): value is Name {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function dataIn(value: unknown, number: number, where: string): Data {
  if (value === undefined || value === null) return {};
  if (value instanceof Map || (isMap(value) && !Array.isArray(value))) return value as Data;
  throw new UsageError(`line ${number}: ${where}: data are a map`);
}

function numberIn(value: unknown, number: number): number {
  // A float that is whole came as its bytes.
  const bytes = (value as { bytes?: unknown }).bytes;
  const read = bytes instanceof Uint8Array ? Buffer.from(bytes).readDoubleBE(1) : Number(value);
  if (Number.isFinite(read)) return read;
  throw new UsageError(`line ${number}: the priority is no number`);
}

function dateIn(text: string, number: number): Date | undefined {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new UsageError(`line ${number}: not_before is no time: ${text}`);
  return date.getUTCFullYear() <= 1 ? undefined : date;
}
