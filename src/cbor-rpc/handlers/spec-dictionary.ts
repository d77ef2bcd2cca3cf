import { ByteString, decodeValue, Major, mapEntry, RawCbor, walkEntries, withEntries } from '../../cbor/index.js';
import type { WorkSpec } from '../../domain/work-spec.js';
import type { AnswerPieces } from '../large-answer.js';

/** What the worker gives to Python 2's `__import__`, which takes no unicode. */
const ALWAYS_BYTES = ['module', 'run_function'];

/** A spec's dictionary as it was set, except that the names to import are byte strings. */
export function specDictionary({ data }: WorkSpec): RawCbor {
  const changed: [ByteString, ByteString][] = [];
  for (const key of ALWAYS_BYTES) {
    const encoded = mapEntry(data, key);
    const value = encoded && decodeValue(encoded);
    if (typeof value === 'string') changed.push([ByteString.ofText(key), ByteString.ofText(value)]);
  }
  return new RawCbor(changed.length === 0 ? data : withEntries(data, changed));
}

/** An entry whose value may have to be another. */
interface Entry {
  readonly key: string;
  readonly keyAt: number;
  readonly valueAt: number;
  readonly end: number;
}

/** Keys of more bytes are none of those names. */
const MOST_KEY_BYTES = 64;

/** Writes what specDictionary gives, of a dictionary that may be very large, in slices. */
export async function writeSpec(to: AnswerPieces, { data }: WorkSpec): Promise<void> {
  to.room.need(data.length);
  const found: Entry[] = [];
  let firstAt = data.length;
  const steps = walkEntries(data, (keyAt, valueAt, end) => {
    firstAt = Math.min(firstAt, keyAt);
    const key = valueAt - keyAt > MOST_KEY_BYTES ? undefined : nameOf(data.subarray(keyAt, valueAt));
    if (key !== undefined) found.push({ key, keyAt, valueAt, end });
  });
  let count: number;
  for (;;) {
    const step = steps.next();
    if (step.done) {
      count = step.value;
      break;
    }
    await to.turn(step.value);
  }
  const values = new Map<string, ByteString>();
  for (const { key, valueAt, end } of found) {
    const value = data[valueAt] >> 5 === Major.Text ? decodeValue(data.subarray(valueAt, end)) : undefined;
    // The last of several counts.
    if (typeof value === 'string') values.set(key, ByteString.ofText(value));
    else values.delete(key);
  }
  const changed = found.filter(({ key }) => values.has(key));
  if (changed.length === 0) to.raw(data);
  else await writeChanged(to, data, firstAt, count - changed.length + values.size, changed, values);
}

/** The first of several entries gets the value, the others are left out. */
async function writeChanged(
  to: AnswerPieces,
  data: Uint8Array,
  firstAt: number,
  count: number,
  changed: readonly Entry[],
  values: ReadonlyMap<string, ByteString>,
): Promise<void> {
  const end = data[0] === INDEFINITE_MAP ? data.length - 1 : data.length;
  const seen = new Set<string>();
  to.out.writeMapHead(count);
  let at = firstAt;
  for (const { key, keyAt, valueAt, end: after } of changed) {
    to.raw(data.subarray(at, seen.has(key) ? keyAt : valueAt));
    if (!seen.has(key)) to.out.writeValue(values.get(key));
    seen.add(key);
    at = after;
    await to.turn(1);
  }
  to.raw(data.subarray(at, end));
  await to.turn(1);
}

const INDEFINITE_MAP = 0xbf;

/** Which of the names an encoded key is, if it is one. */
function nameOf(key: Uint8Array): string | undefined {
  const major = key[0] >> 5;
  if (major !== Major.Text && major !== Major.Bytes) return undefined;
  const value = decodeValue(key);
  const text = value instanceof ByteString ? value.toText() : value;
  return ALWAYS_BYTES.find((name) => name === text);
}
