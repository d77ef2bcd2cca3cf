import type { CborValue } from '../cbor/index.js';
import { ByteString, CborMap, decodeValue, isMap, Major, walkEntries } from '../cbor/index.js';
import { BadWorkSpecNameError, InvalidValueError, NoWorkSpecNameError } from './errors.js';
import { type Flow, FLOW_KEY, LONG_FLOW, MOST_FLOW_BYTES, parseFlow, storedFlow } from './flow/flow.js';
import type { SlotState } from './flow/slot-rules.js';
import { flagOf, numberOf, textOf } from './loose-values.js';
import { checkTextName } from './names.js';
import type { Micros } from './time.js';
import { laterBy, ZERO_TIME } from './time.js';
import type { EncodedData } from './data.js';

/** Control values of a work spec. */
export interface WorkSpecMeta {
  /** Work of a higher priority always runs first. Integer. */
  priority: number;
  /** Share of the pending work among specs of one priority. Integer; ≤ 0 = never handed out. */
  weight: number;
  paused: boolean;
  continuous: boolean;
  canBeContinuous: boolean;
  minMemoryGb: number;
  /** At least so long between two continuous units, in nanoseconds: up to MAX_INTERVAL_NS. */
  intervalNs: bigint;
  nextContinuous: Micros;
  /** When the unit was made that next_continuous follows from; ZERO_TIME when it was set since, or none has been made. */
  lastContinuous: Micros;
  /** 0 = no limit, here and below. */
  maxRunning: number;
  maxAttemptsReturned: number;
  maxRetries: number;
  /** Where the output of finished units goes; "" = nowhere. */
  nextWorkSpecName: string;
  runtime: string;
  /** What becomes of its units beyond that; undefined: nothing. */
  flow: Flow | undefined;
  /** How far it is in the schedule that its flow has; undefined: it has none, or this was not asked for. */
  slots: SlotState | undefined;
  /** Both 0 unless asked for. */
  availableCount: number;
  pendingCount: number;
}

/** The fields that a client may set; the others follow from the definition. */
export type WorkSpecMetaChange = Partial<
  Omit<
    WorkSpecMeta,
    | 'canBeContinuous'
    | 'lastContinuous'
    | 'nextWorkSpecName'
    | 'runtime'
    | 'flow'
    | 'slots'
    | 'availableCount'
    | 'pendingCount'
  >
>;

/** A work spec as its user defines it, with what follows from the definition. */
export interface WorkSpecDefinition {
  name: string;
  /** Whether the dictionary spells the name as a byte string: answers spell it the same way. */
  nameIsBytes: boolean;
  data: EncodedData;
  meta: WorkSpecMeta;
}

/** A work spec as it is now: its definition, with the control values as they were changed since. */
export type WorkSpec = WorkSpecDefinition;

/** How much there is to read of a work spec. */
export interface MeasuredSpec {
  name: string;
  /** Length of its data. */
  bytes: number;
}

const NANOSECONDS = 1e9;

/** The longest interval: 2^63 − 1 ns, some 292 years. */
export const MAX_INTERVAL_NS = 2n ** 63n - 1n;

/**
 * Reads a definition. A value of the wrong type counts as absent, except that a numeric string counts as its number and,
 * for a boolean, a number as whether it is not 0; what stands under `flow` must be understood.
 *
 * @throws NoWorkSpecNameError, BadWorkSpecNameError, InvalidValueError when it is no dictionary, the name too long or the flow
 * not understood
 */
export function defineWorkSpec(data: EncodedData): WorkSpecDefinition {
  return allOf(definingWorkSpec(data));
}

/** As defineWorkSpec, in steps, each of which tells how many small ones it was. */
export function definingWorkSpec(data: EncodedData): Generator<number, WorkSpecDefinition> {
  return reading(data, parseFlow);
}

/** As defineWorkSpec, of one that was set once, perhaps by a version that knew of no flow: one not understood is none. */
export function storedWorkSpec(data: EncodedData): WorkSpecDefinition {
  return allOf(reading(data, storedFlow));
}

function* reading(data: EncodedData, readFlow: typeof parseFlow): Generator<number, WorkSpecDefinition> {
  const dictionary = yield* controlEntries(data, 0);
  if (!dictionary) throw new InvalidValueError('work_spec', 'must be a dictionary');
  return definitionOf(data, dictionary, readFlow);
}

function allOf<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The keys that mean something here. */
const CONTROL_KEYS: ReadonlySet<string> = new Set([
  'name',
  'priority',
  'weight',
  'nice',
  'disabled',
  'continuous',
  'min_gb',
  'interval',
  'max_running',
  'max_getwork',
  'max_retries',
  'then',
  'runtime',
  FLOW_KEY,
]);
/** Definitions of more bytes are not decoded as a whole: they may hold millions of things that are for workers only. */
export const LARGE_DEFINITION = 16 * 1024;
/** Longer keys, and containers of more bytes, are nothing that means something here. */
const LONG_BYTES = 1024;
/** Passing so many bytes takes about as long as another small step. */
const STEP_BYTES = 256;

/**
 * The entries of a definition that mean something here, and so many others, in steps; of those their keys only. Of one that
 * is not large it is all of it.
 * @returns undefined when it is no dictionary
 */
export function* controlEntries(data: EncodedData, others: number): Generator<number, CborMap | undefined> {
  if (data.length <= LARGE_DEFINITION) {
    const dictionary = decodeValue(data);
    return dictionary instanceof CborMap ? dictionary : undefined;
  }
  if (!isMap(data)) return undefined;
  const entries: [CborValue, CborValue][] = [];
  let left = others;
  const steps = walkEntries(data, (keyAt, valueAt, end) => {
    const isString = data[keyAt] >> 5 === Major.Text || data[keyAt] >> 5 === Major.Bytes;
    if (!isString || valueAt - keyAt > LONG_BYTES) return;
    const key = decodeValue(data.subarray(keyAt, valueAt));
    const name = textOf(key) ?? '';
    if (CONTROL_KEYS.has(name)) entries.push([key, valueOf(name, data.subarray(valueAt, end))]);
    else if (left-- > 0) entries.push([key, null]);
  });
  for (;;) {
    const step = steps.next();
    if (step.done) return new CborMap(entries);
    yield 1 + step.value / STEP_BYTES;
  }
}

/** A value; a long container, which means nothing here but as a flow, as an empty one. */
function valueOf(key: string, encoded: Uint8Array): CborValue {
  if (key === FLOW_KEY) return encoded.length > MOST_FLOW_BYTES ? LONG_FLOW : decodeValue(encoded);
  const major = encoded[0] >> 5;
  const isLong = encoded.length > LONG_BYTES && major !== Major.Text && major !== Major.Bytes;
  return isLong ? [] : decodeValue(encoded);
}

function definitionOf(data: EncodedData, dictionary: CborMap, readFlow: typeof parseFlow): WorkSpecDefinition {
  const value = dictionary.get('name');
  if (value === undefined || value === null) throw new NoWorkSpecNameError();
  const name = textOf(value);
  if (name === undefined) throw new BadWorkSpecNameError();
  if (name === '') throw new NoWorkSpecNameError();
  checkTextName('name', name);

  const fields = new Fields(dictionary);
  const continuous = fields.boolean('continuous');
  const flow = readFlow(dictionary.get(FLOW_KEY), continuous);
  const meta: WorkSpecMeta = {
    priority: fields.integer('priority'),
    weight: weightOf(fields),
    paused: fields.boolean('disabled'),
    continuous,
    canBeContinuous: continuous,
    minMemoryGb: fields.number('min_gb'),
    intervalNs: intervalOfSeconds(fields.number('interval')),
    nextContinuous: ZERO_TIME,
    lastContinuous: ZERO_TIME,
    maxRunning: fields.integer('max_running'),
    maxAttemptsReturned: fields.integer('max_getwork'),
    maxRetries: fields.integer('max_retries'),
    nextWorkSpecName: fields.text('then'),
    runtime: fields.text('runtime'),
    flow,
    slots: undefined,
    availableCount: 0,
    pendingCount: 0,
  };
  return { name, nameIsBytes: value instanceof ByteString, data, meta };
}

/** An interval in seconds as meta keeps it: whole nanoseconds, none when negative, the longest when longer. */
export function intervalOfSeconds(seconds: number): bigint {
  if (!(seconds > 0)) return 0n;
  if (seconds * NANOSECONDS >= Number(MAX_INTERVAL_NS)) return MAX_INTERVAL_NS;
  // The two parts of a number are exact, its product with 10^9 is not.
  const whole = Math.trunc(seconds);
  return BigInt(whole) * BigInt(NANOSECONDS) + BigInt(Math.round((seconds - whole) * NANOSECONDS));
}

/** An interval in whole microseconds, of which a part counts as one. */
function intervalOf({ intervalNs }: WorkSpecMeta): Micros {
  return Number((intervalNs + 999n) / 1000n);
}

/** What meta says of continuous units once one has been made. */
export function afterContinuous(meta: WorkSpecMeta, now: Micros): WorkSpecMeta {
  return { ...meta, nextContinuous: laterBy(intervalOf(meta), now), lastContinuous: now };
}

/**
 * What meta says now. Where the clock has been set back behind the last continuous unit, the next one comes an interval
 * from now at the latest: else nothing would happen for as long as the clock was set back. A time that was set stays.
 * @returns the same object where nothing is different
 */
export function atPresent<M extends WorkSpecMeta>(meta: M, now: Micros): M {
  if (now >= meta.lastContinuous) return meta;
  const nextContinuous = Math.min(meta.nextContinuous, laterBy(intervalOf(meta), now));
  return { ...meta, nextContinuous, lastContinuous: now };
}

/** A number without its fraction, kept within what is exact. */
function wholeNumber(number: number): number {
  return Math.min(Math.max(Math.trunc(number), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) + 0;
}

/** A weight of 0 counts as absent, then `nice` decides; the result is at least 1. */
function weightOf(fields: Fields): number {
  return Math.max(1, fields.integer('weight') || 20 - fields.integer('nice'));
}

/** Reads typed fields leniently; what is absent or of the wrong type reads as 0, false or "". */
class Fields {
  constructor(private readonly dictionary: CborMap) {}

  number(key: string): number {
    return numberOf(this.dictionary.get(key)) ?? 0;
  }

  integer(key: string): number {
    return wholeNumber(this.number(key));
  }

  boolean(key: string): boolean {
    return flagOf(this.dictionary.get(key)) ?? false;
  }

  text(key: string): string {
    return textOf(this.dictionary.get(key)) ?? '';
  }
}

const WHOLE_FIELDS = ['priority', 'weight', 'maxRunning', 'maxAttemptsReturned', 'maxRetries'] as const;

/** Sets the fields of `change` that are present. @returns false when it asks for a continuity that the spec can't have */
export function applyMetaChange(meta: WorkSpecMeta, change: WorkSpecMetaChange): boolean {
  const { continuous, ...rest } = change;
  for (const key of Object.keys(rest) as (keyof typeof rest)[]) {
    if (rest[key] === undefined) delete rest[key];
  }
  for (const key of WHOLE_FIELDS) {
    const number = rest[key];
    if (number !== undefined) rest[key] = wholeNumber(number);
  }
  Object.assign(meta, rest);
  if (rest.nextContinuous !== undefined) meta.lastContinuous = ZERO_TIME;
  if (continuous !== undefined) meta.continuous = continuous && meta.canBeContinuous;
  return !(continuous === true && !meta.canBeContinuous);
}
