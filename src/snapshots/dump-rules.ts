import { CborReader, Major } from '../cbor/index.js';
import { plainLine } from '../domain/cause-text.js';
import { shownStatus } from '../domain/attempt.js';
import { MOST_ATTEMPTS } from '../domain/flow/retry.js';
import type { ByteName } from '../domain/names.js';
import { bytesOfName, checkByteName, checkTextName, compareText } from '../domain/names.js';
import type {
  SnapshotAttempt,
  SnapshotHead,
  SnapshotRecord,
  SnapshotSpec,
  SnapshotUnit,
  SnapshotWorker,
} from '../domain/snapshot.js';
import { LAST_TIME, ZERO_TIME } from '../domain/time.js';
import type { WorkSpecDefinition } from '../domain/work-spec.js';
import { storedWorkSpec } from '../domain/work-spec.js';
import type { EncodedData } from '../domain/data.js';
import type { WorkUnitStatus } from '../domain/work-unit.js';
import { DumpError } from './dump-format.js';
import { NumberSet } from './number-set.js';

/** So that all numbers that are given after a restore are exact, however many. */
const MAX_ATTEMPT_NUMBER = 2 ** 52;

/** So much of a name is repeated in an error. */
const SHOWN_CHARS = 100;

/** Statuses that a unit has from its active attempt, which has the same. */
const HELD: readonly WorkUnitStatus[] = ['pending', 'finished', 'failed'];

/**
 * The rules of the model for what a dump may hold: those of adding, and those that the records of one thing must keep among
 * each other. A checksum says that a file is as it was written, not that what has written it was a storage.
 */
export class DumpRules {
  private lastNumber = 0;
  private namespace: string | undefined;
  private workSpec: string | undefined;
  /** The unit whose attempts come. */
  private unit: SnapshotUnit | undefined;
  /** The name of the last unit of the work spec. */
  private unitName: ByteName | undefined;
  private latest: SnapshotAttempt | undefined;
  private attempts = 0;
  private worker: ByteName | undefined;
  private readonly numbers = new NumberSet();
  /** The parent of each worker of the namespace that has one. */
  private readonly parents = new Map<ByteName, ByteName>();

  /** @param record - the next one, in the order of the format. @throws DumpError, InvalidValueError */
  check(record: SnapshotRecord): void {
    if (record.kind !== 'attempt') this.endUnit();
    if (record.kind === 'namespace') this.endNamespace();
    switch (record.kind) {
      case 'head':
        return this.checkHead(record);
      case 'namespace':
        return this.checkNamespace(record.name);
      case 'work spec':
        return this.checkSpec(record);
      case 'work unit':
        return this.checkUnit(record);
      case 'attempt':
        return this.checkAttempt(record);
      case 'worker':
        return this.checkWorker(record);
    }
  }

  /** To be called when all records have been checked. @throws DumpError */
  end(): void {
    this.endUnit();
    this.endNamespace();
  }

  /** What was checked last, for errors. */
  place(): string {
    const inNamespace =
      this.namespace === undefined ? 'head' : `namespace ${JSON.stringify(this.namespace.slice(0, SHOWN_CHARS))}`;
    if (!this.unit && this.worker !== undefined) return `worker ${shown(this.worker)} of ${inNamespace}`;
    const inSpec =
      this.workSpec === undefined ? '' : `work spec ${JSON.stringify(this.workSpec.slice(0, SHOWN_CHARS))} of `;
    return (this.unit ? `work unit ${shown(this.unit.name)} of ` : '') + inSpec + inNamespace;
  }

  private checkHead({ takenAt, lastAttemptNumber, units }: SnapshotHead): void {
    checkTime('taken_at', takenAt);
    checkCount('last_attempt_number', lastAttemptNumber, MAX_ATTEMPT_NUMBER);
    checkCount('units', units);
    this.lastNumber = lastAttemptNumber;
  }

  private checkNamespace(name: string): void {
    const previous = this.namespace;
    this.namespace = name;
    this.workSpec = this.unitName = this.worker = undefined;
    checkTextName('the name', name);
    checkOrder(previous, name, compareText);
  }

  private checkSpec({ definition: { name, nameIsBytes, data, meta } }: SnapshotSpec): void {
    const previous = this.workSpec;
    this.workSpec = name;
    this.unitName = undefined;
    checkTextName('the name', name);
    checkOrder(previous, name, compareText);
    checkData('data', data);
    const defined = definitionIn(data);
    if (defined.name !== name || defined.nameIsBytes !== nameIsBytes) throw new DumpError('its data name another');
    for (const field of ['canBeContinuous', 'nextWorkSpecName', 'runtime'] as const) {
      if (meta[field] !== defined.meta[field]) throw new DumpError(`${snake(field)} is not what its data say`);
    }
    if (meta.continuous && !meta.canBeContinuous) throw new DumpError('it is continuous and can not be');
    for (const field of ['priority', 'weight', 'maxRunning', 'maxAttemptsReturned', 'maxRetries'] as const) {
      if (!Number.isSafeInteger(meta[field])) throw new DumpError(`${snake(field)} is not a whole number of 53 bits`);
    }
    if (!Number.isFinite(meta.minMemoryGb)) throw new DumpError('min_memory_gb is not a finite number');
    checkTime('next_continuous', meta.nextContinuous);
    checkTime('last_continuous', meta.lastContinuous);
    if (meta.slots) {
      checkTime('next_slot', meta.slots.next);
      checkTime('last_slot', meta.slots.last);
      checkTime('buffered_slot', meta.slots.buffered);
      checkCount('missed_slots', meta.slots.missed);
    }
  }

  private checkUnit(unit: SnapshotUnit): void {
    const { name, data, priority, notBefore, status, moment, tries, cause } = unit;
    const previous = this.unitName;
    this.unit = unit;
    this.unitName = name;
    checkByteName('the name', name);
    checkOrder(previous, name, compareBytes);
    checkData('data', data);
    if (!Number.isFinite(priority)) throw new DumpError('priority is not a finite number');
    checkTime('not_before', notBefore);
    checkTime('moment', moment);
    checkCount('tries', tries);
    checkCount('failures', unit.failures ?? 0, MOST_ATTEMPTS);
    if (status === 'delayed' && moment !== notBefore) {
      throw new DumpError('it is delayed until another moment than not_before');
    }
    if (cause === undefined) return;
    if (status !== 'failed') throw new DumpError('it has a cause and has not failed');
    if (cause === '' || plainLine(cause) !== cause)
      throw new DumpError('its cause is not one line of 300 bytes at most');
  }

  private checkAttempt(attempt: SnapshotAttempt): void {
    const { number, worker, status, start, end, expiration, data, startData } = attempt;
    const before = this.latest;
    this.latest = attempt;
    this.attempts++;
    checkCount('number', number, this.lastNumber);
    if (number === 0) throw new DumpError('number is 0, the first is 1');
    if (before && before.number >= number) throw new DumpError(`number ${number} follows number ${before.number}`);
    if (!this.numbers.add(number)) throw new DumpError(`number ${number} is another attempt's too`);
    if (before?.late) throw new DumpError(`attempt ${before.number} is late, and another has come after it`);
    checkByteName('worker', worker);
    checkTime('start', start);
    checkTime('end', end);
    checkTime('expiration', expiration);
    if (status === 'pending' && end !== ZERO_TIME) throw new DumpError('an attempt is pending and has ended');
    if (data) checkData('the data of an attempt', data);
    if (startData) checkData('start_data', startData);
  }

  private checkWorker(worker: SnapshotWorker): void {
    const previous = this.worker;
    this.worker = worker.name;
    checkByteName('the name', worker.name);
    checkOrder(previous, worker.name, compareBytes);
    if (worker.parent !== undefined) {
      checkByteName('parent', worker.parent);
      this.parents.set(worker.name, worker.parent);
    }
    checkData('data', worker.data);
    checkTime('last_update', worker.lastUpdate);
    checkTime('expiration', worker.expiration);
    if (worker.inactiveSince !== undefined) checkTime('inactive_since', worker.inactiveSince);
    else if (worker.deactivated) throw new DumpError('it is deactivated and active');
    if (worker.lastClaim !== undefined) checkTime('last_claim', worker.lastClaim);
    if (worker.claim) {
      const { workSpec, first, last } = worker.claim;
      checkTextName('the work spec of claim', workSpec);
      checkCount('the first number of claim', first, last);
      checkCount('the last number of claim', last, this.lastNumber);
    }
  }

  /** What a unit and its attempts must agree in. */
  private endUnit(): void {
    const { unit, latest, attempts } = this;
    if (!unit) return;
    const held = HELD.includes(unit.status);
    if (unit.tries > attempts) throw new DumpError(`${unit.tries} tries of ${attempts} attempts`);
    if (held && !(latest && shownStatus(latest.status) === unit.status)) {
      const is = latest ? `its last attempt is ${latest.status}` : 'it has no attempt';
      throw new DumpError(`it is ${unit.status}, and ${is}`);
    }
    if (held && unit.moment !== (unit.status === 'pending' ? latest!.expiration : latest!.end)) {
      throw new DumpError(`it is ${unit.status} with another moment than its last attempt`);
    }
    // Of one that holds its unit otherwise than by being at it, it says that the unit has been edited.
    if (latest?.late && (held ? latest.status === 'pending' : latest.status !== 'expired')) {
      throw new DumpError('its last attempt is late, and has not expired or still holds it');
    }
    this.unit = this.latest = undefined;
    this.attempts = 0;
  }

  private endNamespace(): void {
    const { parents } = this;
    const good = new Set<ByteName>();
    for (const name of parents.keys()) {
      const path = new Set<ByteName>();
      for (let at: ByteName | undefined = name; at !== undefined && !good.has(at); at = parents.get(at)) {
        if (path.has(at)) {
          this.worker = at;
          throw new DumpError(`worker ${shown(at)} is below itself`);
        }
        path.add(at);
      }
      for (const each of path) good.add(each);
    }
    parents.clear();
  }
}

function definitionIn(data: EncodedData): WorkSpecDefinition {
  try {
    return storedWorkSpec(data);
  } catch (error) {
    throw new DumpError(`data: ${(error as Error).message}`, { cause: error });
  }
}

function checkOrder<T>(previous: T | undefined, next: T, compare: (a: T, b: T) => number): void {
  if (previous === undefined) return;
  const order = compare(previous, next);
  if (order === 0) throw new DumpError('it is there twice');
  if (order > 0) throw new DumpError('it comes after one of a greater name');
}

function compareBytes(a: ByteName, b: ByteName): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checkTime(field: string, moment: number): void {
  if (moment >= ZERO_TIME && moment <= LAST_TIME) return;
  throw new DumpError(`${field} is ${moment}, not a moment from the year 1 to 9999`);
}

function checkCount(field: string, count: number, most = Number.MAX_SAFE_INTEGER): void {
  if (count < 0 || count > most) throw new DumpError(`${field} is ${count}, not from 0 to ${most}`);
}

/** @throws DumpError also when they are nested too deeply or malformed */
function checkData(field: string, data: EncodedData): void {
  const reader = new CborReader(data);
  if (reader.atEnd || reader.peekMajor() !== Major.Map) throw new DumpError(`${field} are not a dictionary`);
  try {
    reader.skip();
  } catch (error) {
    throw new DumpError(`${field}: ${(error as Error).message}`, { cause: error });
  }
  if (!reader.atEnd) throw new DumpError(`${field} are more than a dictionary`);
}

/** A name of bytes, readable and not too long. */
function shown(name: ByteName | undefined): string {
  return JSON.stringify(
    bytesOfName(name ?? '')
      .utf8Slice()
      .slice(0, SHOWN_CHARS),
  );
}

function snake(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
