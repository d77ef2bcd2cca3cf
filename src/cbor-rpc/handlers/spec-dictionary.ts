import { ByteString, decodeValue, mapEntry, RawCbor, withEntries } from '../../cbor/index.js';
import type { WorkSpec } from '../../domain/work-spec.js';

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
