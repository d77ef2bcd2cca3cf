import { RawCbor, Tagged, Tuple, Uuid } from 'coordinate-client';
import type { CollectionTag, ScalarTag } from 'yaml';
import { Document, parseDocument, Scalar, YAMLSeq } from 'yaml';

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Byte strings that are text, as Python 2 writes all of its own. */
const BYTES_OF_TEXT: ScalarTag = {
  tag: '!utf8',
  identify: (value) => value instanceof Uint8Array && textOf(value) !== undefined,
  resolve: (text) => new TextEncoder().encode(text),
  stringify: ({ value }) => JSON.stringify(textOf(value as Uint8Array)),
};

const UUID: ScalarTag = {
  tag: '!uuid',
  identify: (value) => value instanceof Uuid,
  resolve: (text) => Uuid.parse(text),
  stringify: ({ value }) => (value instanceof Uuid ? value.toString() : ''),
};

const TUPLE: CollectionTag = {
  tag: '!tuple',
  collection: 'seq',
  identify: (value) => value instanceof Tuple,
  createNode(schema, value, context) {
    const sequence = YAMLSeq.from(schema, [...(value as Tuple)], context);
    sequence.flow = true;
    return sequence;
  },
  resolve(sequence) {
    return new Scalar(new Tuple((sequence as YAMLSeq).toJSON()));
  },
};

const TAGS = [BYTES_OF_TEXT, UUID, TUPLE, 'binary' as const];
const OPTIONS = { customTags: TAGS, intAsBigInt: true } as const;

/** A definition as YAML, in which byte strings, tuples and UUIDs have tags, so that nothing of them is lost when it is read again. */
export function yamlOf(definition: unknown): string {
  return new Document(definition, OPTIONS).toString({ lineWidth: 100 });
}

/** Why a definition can't be said in YAML; undefined: it can. */
export function unsayable(value: unknown): string | undefined {
  if (value instanceof RawCbor || value instanceof Tagged) return 'It has values that only CBOR has';
  if (value instanceof Map) return 'It has keys that are not text';
  if (value instanceof Uint8Array || value instanceof Uuid || typeof value !== 'object' || value === null)
    return undefined;
  const items: readonly unknown[] = value instanceof Tuple ? (value as Tuple).items : Object.values(value);
  for (const item of items) {
    const reason = unsayable(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** @throws Error saying where it is no YAML, or no dictionary */
export function definitionIn(text: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text, OPTIONS);
  if (document.errors.length > 0) throw new Error(document.errors[0].message);
  if (document.warnings.length > 0) throw new Error(document.warnings[0].message);
  const value = numbers(document.toJS({ maxAliasCount: 100 }));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('A definition is a dictionary: names and values');
  return value as Readonly<Record<string, unknown>>;
}

/** Whole numbers as they usually are, where they are exact. */
function numbers(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  if (Array.isArray(value)) return value.map(numbers);
  if (value instanceof Tuple) return new Tuple((value as Tuple).items.map(numbers));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, numbers(item)]));
}
