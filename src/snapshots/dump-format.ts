import type { CborReader, CborWriter, Encodable } from '../cbor/index.js';
import { Byte, Major, readValue, Tag } from '../cbor/index.js';
import { ATTEMPT_STATUSES } from '../domain/attempt.js';
import { type Flow, flowNotation, parseFlow } from '../domain/flow/flow.js';
import type { SlotState } from '../domain/flow/slot-rules.js';
import type { ByteName } from '../domain/names.js';
import type { SnapshotCounts, SnapshotRecord, SnapshotUnit } from '../domain/snapshot.js';
import { ZERO_TIME } from '../domain/time.js';
import { MAX_INTERVAL_NS } from '../domain/work-spec.js';
import type { EncodedData } from '../domain/data.js';
import { WORK_UNIT_STATUSES } from '../domain/work-unit.js';

/** The format of dumps that is written and read here; see docs/dump-format.md. */
const FORMAT = 'coordinate-dump';
const FORMAT_VERSION = 1;
/** Its media type: a sequence of CBOR items (RFC 8742). */
export const DUMP_TYPE = 'application/cbor-seq';
/** What the last item begins with. */
const END = 'end';

/** The file is not one that can be read, whole, as it was written. */
export class DumpError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'DumpError';
  }
}

/** Where items are written. */
export interface DumpOutput {
  readonly writer: CborWriter;
  /** A byte string of data, which will not change. */
  writeData(data: EncodedData): void;
}

/** Writes the item of a record. */
export function writeRecord(to: DumpOutput, record: SnapshotRecord): void {
  const { writer } = to;
  switch (record.kind) {
    case 'head':
      return writer.writeValue([FORMAT, FORMAT_VERSION, record.takenAt, record.lastAttemptNumber, record.units]);
    case 'namespace':
      return writer.writeValue(['namespace', record.name]);
    case 'work spec': {
      const { name, nameIsBytes, data, meta } = record.definition;
      begin(writer, 'work_spec', 5);
      writer.writeText(name);
      writer.writeBoolean(nameIsBytes);
      writeData(to, data);
      return writer.writeValue({
        priority: meta.priority,
        weight: meta.weight,
        paused: meta.paused,
        continuous: meta.continuous,
        can_be_continuous: meta.canBeContinuous,
        min_memory_gb: meta.minMemoryGb,
        interval: meta.intervalNs,
        next_continuous: exact(meta.nextContinuous),
        last_continuous: exact(meta.lastContinuous),
        max_running: meta.maxRunning,
        max_attempts_returned: meta.maxAttemptsReturned,
        max_retries: meta.maxRetries,
        next_work_spec_name: meta.nextWorkSpecName,
        runtime: meta.runtime,
        // Earlier versions read what has none.
        ...(meta.flow && { flow: flowNotation(meta.flow) as Encodable }),
        ...(meta.slots && slotFields(meta.slots)),
        ...(record.fullAt !== undefined && { limit_full_at: exact(record.fullAt) }),
      });
    }
    case 'work unit':
      // Earlier versions read what has no cause of its own, and whose failures do not count.
      begin(writer, 'work_unit', FIELDS.work_unit + (hasRetries(record) ? 3 : record.cause === undefined ? 0 : 1));
      writer.writeBinary(record.name);
      writeData(to, record.data);
      writer.writeFloat(record.priority);
      writeWhole(writer, record.notBefore);
      writer.writeText(record.status);
      writeWhole(writer, record.moment);
      writeWhole(writer, record.tries);
      if (record.cause !== undefined) writer.writeText(record.cause);
      else if (hasRetries(record)) writer.writeNull();
      if (!hasRetries(record)) return;
      writeWhole(writer, record.failures ?? 0);
      return writeOptional(writer, record.lapse);
    case 'attempt':
      begin(writer, 'attempt', 10);
      writeWhole(writer, record.number);
      writer.writeBinary(record.worker);
      writer.writeText(record.status);
      writeWhole(writer, record.start);
      writeWhole(writer, record.end);
      writeWhole(writer, record.expiration);
      writer.writeBoolean(record.late);
      writeData(to, record.data);
      return writeData(to, record.startData);
    case 'worker':
      begin(writer, 'worker', 12);
      writer.writeBinary(record.name);
      if (record.parent === undefined) writer.writeNull();
      else writer.writeBinary(record.parent);
      writer.writeText(record.mode);
      writeData(to, record.data);
      writeWhole(writer, record.lastUpdate);
      writeWhole(writer, record.expiration);
      writer.writeBoolean(record.deactivated);
      writeOptional(writer, record.inactiveSince);
      writer.writeBoolean(record.reported);
      writeOptional(writer, record.lastClaim);
      return writer.writeValue(record.claim ? [record.claim.workSpec, record.claim.first, record.claim.last] : null);
  }
}

function hasRetries({ failures = 0, lapse }: SnapshotUnit): boolean {
  return failures !== 0 || lapse !== undefined;
}

/** Writes the last item. @param digest - SHA-256 of everything before it */
export function writeEnd(writer: CborWriter, counts: SnapshotCounts, digest: Uint8Array): void {
  begin(writer, END, 7);
  for (const count of [counts.namespaces, counts.workSpecs, counts.workUnits, counts.attempts, counts.workers]) {
    writeWhole(writer, count);
  }
  writer.writeBytes(digest);
}

function begin(writer: CborWriter, kind: string, items: number): void {
  writer.writeArrayHead(items);
  writer.writeText(kind);
}

function writeOptional(writer: CborWriter, value: number | undefined): void {
  if (value === undefined) writer.writeNull();
  else writeWhole(writer, value);
}

/** Moments far from now are more than what is exact as a number; they are written as they are. */
function writeWhole(writer: CborWriter, value: number): void {
  writer.writeInteger(exact(value));
}

function exact(value: number): number | bigint {
  return Number.isSafeInteger(value) ? value : BigInt(value);
}

/** A dictionary as it came: tag 24, encoded CBOR in a byte string, so that nobody who copies a dump changes it. */
function writeData(to: DumpOutput, data: EncodedData | undefined): void {
  if (data === undefined) return to.writer.writeNull();
  to.writer.writeTag(Tag.EncodedCbor);
  to.writeData(data);
}

/** What an item turned out to be. */
export type DumpItem =
  SnapshotRecord | { readonly kind: 'end'; readonly counts: SnapshotCounts; readonly digest: ByteName };

/** Reads one item. @throws DumpError, CborError */
export function readItem(reader: CborReader): DumpItem {
  const left = reader.enterArray();
  const kind = reader.readText();
  const item = readFields(reader, kind, left);
  const more = left - FIELDS[kind];
  if (more !== 0 && !(kind === 'work_unit' && (more === 1 || more === 3)))
    throw new DumpError(`an item ${JSON.stringify(kind)} of an unknown shape`);
  return item;
}

const FIELDS: Readonly<Record<string, number>> = {
  [FORMAT]: 5,
  namespace: 2,
  work_spec: 5,
  work_unit: 8,
  attempt: 10,
  worker: 12,
  [END]: 7,
};

/** @param fields - how many items there are, the kind included */
function readFields(reader: CborReader, kind: string, fields: number): DumpItem {
  switch (kind) {
    case FORMAT: {
      const version = reader.readNumber();
      if (version !== FORMAT_VERSION) {
        throw new DumpError(`a dump of format ${version}: a later version of Coordinate has written it`);
      }
      const [takenAt, lastAttemptNumber, units] = [whole(reader), whole(reader), whole(reader)];
      return { kind: 'head', takenAt, lastAttemptNumber, units };
    }
    case 'namespace':
      return { kind: 'namespace', name: reader.readText() };
    case 'work_spec': {
      const name = reader.readText();
      const nameIsBytes = reader.readBoolean();
      const data = readData(reader);
      const { meta, fullAt } = readMeta(reader);
      return {
        kind: 'work spec',
        definition: { name, nameIsBytes, data, meta },
        ...(fullAt !== undefined && { fullAt }),
      };
    }
    case 'work_unit':
      return {
        kind: 'work unit',
        name: reader.readBytes(),
        data: readData(reader),
        priority: reader.readNumber(),
        notBefore: whole(reader),
        status: oneOf(WORK_UNIT_STATUSES, reader.readText()),
        moment: whole(reader),
        tries: whole(reader),
        cause: fields > FIELDS.work_unit ? optional(reader, (from) => from.readText()) : undefined,
        ...(fields === FIELDS.work_unit + 3 && { failures: whole(reader), lapse: optional(reader, whole) }),
      };
    case 'attempt':
      return {
        kind: 'attempt',
        number: whole(reader),
        worker: reader.readBytes(),
        status: oneOf(ATTEMPT_STATUSES, reader.readText()),
        start: whole(reader),
        end: whole(reader),
        expiration: whole(reader),
        late: reader.readBoolean(),
        data: optional(reader, readData),
        startData: optional(reader, readData),
      };
    case 'worker':
      return {
        kind: 'worker',
        name: reader.readBytes(),
        parent: optional(reader, () => reader.readBytes()),
        mode: reader.readText(),
        data: readData(reader),
        lastUpdate: whole(reader),
        expiration: whole(reader),
        deactivated: reader.readBoolean(),
        inactiveSince: optional(reader, whole),
        reported: reader.readBoolean(),
        lastClaim: optional(reader, whole),
        claim: optional(reader, readClaim),
      };
    case END: {
      const counts: SnapshotCounts = {
        namespaces: whole(reader),
        workSpecs: whole(reader),
        workUnits: whole(reader),
        attempts: whole(reader),
        workers: whole(reader),
      };
      return { kind: 'end', counts, digest: reader.readBytes() };
    }
    default:
      throw new DumpError(`an unknown item ${JSON.stringify(kind.slice(0, 100))}`);
  }
}

function readMeta(reader: CborReader) {
  const fields = new Map<string, number | boolean | string>();
  let intervalNs: bigint | undefined;
  let flow: Flow | undefined;
  for (let left = reader.enterMap(); reader.hasMore(left); left--) {
    const key = reader.readText();
    const major = reader.peekMajor();
    if (major === Major.Text) fields.set(key, reader.readText());
    else if (reader.peek() === Byte.True || reader.peek() === Byte.False) fields.set(key, reader.readBoolean());
    else if (key === 'flow') flow = parseFlow(readValue(reader));
    else if (key === 'interval') intervalNs = BigInt(reader.readInteger());
    else fields.set(key, reader.readNumber());
  }
  const take = <T extends 'number' | 'boolean' | 'string'>(key: string, type: T) => {
    const value = fields.get(key);
    if (typeof value !== type) throw new DumpError(`a work spec whose ${key} is no ${type}`);
    return value as T extends 'number' ? number : T extends 'boolean' ? boolean : string;
  };
  if (intervalNs === undefined || intervalNs < 0n || intervalNs > MAX_INTERVAL_NS) {
    throw new DumpError('a work spec whose interval is none');
  }
  const meta = {
    priority: take('priority', 'number'),
    weight: take('weight', 'number'),
    paused: take('paused', 'boolean'),
    continuous: take('continuous', 'boolean'),
    canBeContinuous: take('can_be_continuous', 'boolean'),
    minMemoryGb: take('min_memory_gb', 'number'),
    intervalNs,
    nextContinuous: take('next_continuous', 'number'),
    // Dumps of earlier versions do not say it.
    lastContinuous: fields.has('last_continuous') ? take('last_continuous', 'number') : ZERO_TIME,
    maxRunning: take('max_running', 'number'),
    maxAttemptsReturned: take('max_attempts_returned', 'number'),
    maxRetries: take('max_retries', 'number'),
    nextWorkSpecName: take('next_work_spec_name', 'string'),
    runtime: take('runtime', 'string'),
    flow,
    slots: fields.has('next_slot')
      ? {
          next: take('next_slot', 'number'),
          last: take('last_slot', 'number'),
          buffered: take('buffered_slot', 'number'),
          missed: take('missed_slots', 'number'),
        }
      : undefined,
    availableCount: 0,
    pendingCount: 0,
  };
  return { meta, fullAt: fields.has('limit_full_at') ? take('limit_full_at', 'number') : undefined };
}

function slotFields({ next, last, buffered, missed }: SlotState): Record<string, Encodable> {
  return { next_slot: exact(next), last_slot: exact(last), buffered_slot: exact(buffered), missed_slots: missed };
}

function readClaim(reader: CborReader): { workSpec: string; first: number; last: number } {
  if (reader.enterArray() !== 3) throw new DumpError('a claim of an unknown shape');
  return { workSpec: reader.readText(), first: whole(reader), last: whole(reader) };
}

function readData(reader: CborReader): Buffer {
  if (reader.readTag() !== Tag.EncodedCbor) throw new DumpError('data that are not encoded CBOR');
  return Buffer.from(reader.readBytes(), 'latin1');
}

function whole(reader: CborReader): number {
  const value = reader.readNumber();
  if (!Number.isInteger(value)) throw new DumpError('a number that is not whole');
  return value;
}

function optional<T>(reader: CborReader, read: (reader: CborReader) => T): T | undefined {
  return reader.takeNull() ? undefined : read(reader);
}

function oneOf<T extends string>(known: readonly T[], text: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new DumpError(`an unknown status ${JSON.stringify(text)}`);
  return found;
}
