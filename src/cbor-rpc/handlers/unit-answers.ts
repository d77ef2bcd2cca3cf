import { type Encodable, mapEntry, ByteString, RawCbor, Tuple } from '../../cbor/index.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import type { MeasuredUnit, WorkUnit, WorkUnitStatus } from '../../domain/work-unit.js';
import type { WorkUnitsService } from '../../work-units/work-units.service.js';
import { type AnswerPieces, isLarge, largeList, type LargeResult } from '../large-answer.js';
import type { LongList } from '../params/index.js';
import type { Answer } from './answers.js';
import { answer, seconds } from './answers.js';
import { AT_ONCE, bytesOfAll, partsOf } from './parts.js';
import type { SpeltName } from './unit-params.js';
import { State, stateOf } from './unit-params.js';

/** A tuple of a key and null has so many bytes beside the key. */
const LEAST_PAIR_BYTES = 4;

/** Where units are read. */
export interface UnitSource {
  readonly units: WorkUnitsService;
  readonly namespace: string;
  readonly workSpec: string;
}

/** Units whose sizes are known: at once where they are small, else in slices and only if there is room for all of them. */
export function unitsAnswer(
  source: UnitSource,
  statuses: readonly WorkUnitStatus[] | undefined,
  measured: readonly MeasuredUnit[],
): Awaitable<Answer | LargeResult> {
  // One may have gone, or changed, since it was measured.
  const isStill = (unit: WorkUnit | undefined): unit is WorkUnit =>
    unit !== undefined && (!statuses || statuses.includes(unit.status));
  const bytes = bytesOfAll(measured);
  if (!isLarge(bytes)) {
    return whenReady(getMany(source, namesOf(measured)), (units) => answer(units.filter(isStill).map(pairOf)));
  }
  return largeList(async (to) => {
    to.room.need(bytes);
    let count = 0;
    for (const part of partsOf(measured)) {
      for (const unit of await getMany(source, namesOf(part))) {
        if (!isStill(unit)) continue;
        count++;
        await writePair(to, new ByteString(unit.name), unit);
      }
    }
    return count;
  });
}

/** Units by their keys, which come back as they were sent. */
export function unitsByKey(source: UnitSource, keys: LongList<SpeltName>): Awaitable<Answer | LargeResult> {
  // A spec that is missing is to be told before the answer is begun.
  if (keys.length > AT_ONCE) {
    return whenReady(measure(source, []), () => largeList((to) => writeByKey(to, source, keys)));
  }
  const spelt = [...keys];
  const names = spelt.map(({ name }) => name);
  return whenReady(measure(source, names), (sizes) => {
    if (isLarge(bytesOf(names, sizes))) return largeList((to) => writeByKey(to, source, spelt));
    return whenReady(getMany(source, names), (units) =>
      answer(
        units.map((unit, index) => {
          const key = new RawCbor(spelt[index].spelling);
          return new Tuple<Encodable>([key, unit ? new RawCbor(unit.data) : null]);
        }),
      ),
    );
  });
}

async function writeByKey(to: AnswerPieces, source: UnitSource, keys: LongList<SpeltName>): Promise<number> {
  // All is measured before anything is read: what is too much is to cost nothing.
  let total = keys.length * LEAST_PAIR_BYTES;
  to.room.need(total);
  for await (const { part, sizes } of measuredParts(to, source, keys, ({ name }) => name)) {
    for (const { name, spelling } of part) total += spelling.length + (sizes.get(name) ?? 0);
    to.room.need(total);
  }
  for await (const { part, sizes } of measuredParts(to, source, keys, ({ name }) => name)) {
    let at = 0;
    for (const some of partsOf(part.map(({ name }) => ({ name, bytes: sizes.get(name) ?? 0 })))) {
      for (const unit of await getMany(source, namesOf(some)))
        await writePair(to, new RawCbor(part[at++].spelling), unit);
    }
  }
  return keys.length;
}

/** How units by name stand. */
export function statusAnswer(source: UnitSource, keys: LongList<ByteName>): Awaitable<Answer | LargeResult> {
  if (keys.length > AT_ONCE) {
    return whenReady(measure(source, []), () => largeList((to) => writeStatuses(to, source, keys)));
  }
  const names = [...keys];
  return whenReady(measure(source, names), (sizes) => {
    // Of the data only the traceback is shown, but all are read for it.
    if (isLarge(bytesOf(names, sizes))) return largeList((to) => writeStatuses(to, source, names));
    return whenReady(getMany(source, names), (units) => answer(units.map((unit) => (unit ? statusOf(unit) : null))));
  });
}

async function writeStatuses(to: AnswerPieces, source: UnitSource, keys: LongList<ByteName>): Promise<number> {
  to.room.need(keys.length);
  for await (const { part, sizes } of measuredParts(to, source, keys, (name) => name)) {
    for (const some of partsOf(part.map((name) => ({ name, bytes: sizes.get(name) ?? 0 })))) {
      for (const unit of await getMany(source, namesOf(some))) {
        to.out.writeValue(unit ? statusOf(unit) : null);
        await to.turn(unit?.data.length ?? 1);
      }
    }
  }
  return keys.length;
}

/** Many keys, some at a time, with the sizes of their units. */
async function* measuredParts<K>(
  to: AnswerPieces,
  source: UnitSource,
  keys: Iterable<K>,
  nameOf: (key: K) => ByteName,
): AsyncGenerator<{ part: K[]; sizes: ReadonlyMap<ByteName, number> }> {
  let part: K[] = [];
  for (const key of keys) {
    part.push(key);
    if (part.length < AT_ONCE) continue;
    yield { part, sizes: await measure(source, part.map(nameOf)) };
    if (to.isOver(AT_ONCE)) await to.nextTurn();
    part = [];
  }
  if (part.length > 0) yield { part, sizes: await measure(source, part.map(nameOf)) };
}

function namesOf(units: readonly Pick<MeasuredUnit, 'name'>[]): ByteName[] {
  return units.map(({ name }) => name);
}

function measure({ units, namespace, workSpec }: UnitSource, names: ByteName[]): Awaitable<Map<ByteName, number>> {
  return whenReady(
    units.stored.measure(namespace, workSpec, { names }),
    (measured) => new Map(measured.map(({ name, bytes }) => [name, bytes])),
  );
}

/** What there is to read of units, each as often as it is named. */
function bytesOf(names: readonly ByteName[], sizes: ReadonlyMap<ByteName, number>): number {
  let bytes = 0;
  for (const name of names) bytes += sizes.get(name) ?? 0;
  return bytes;
}

function getMany(
  { units, namespace, workSpec }: UnitSource,
  names: readonly ByteName[],
): Awaitable<(WorkUnit | undefined)[]> {
  return units.stored.getMany(namespace, workSpec, names);
}

function pairOf({ name, data }: WorkUnit): Tuple<Encodable> {
  return new Tuple([new ByteString(name), new RawCbor(data)]);
}

async function writePair(to: AnswerPieces, key: Encodable, unit: WorkUnit | undefined): Promise<void> {
  to.out.writeTupleHead(2);
  to.out.writeValue(key);
  if (unit) to.raw(unit.data);
  else to.out.writeNull();
  await to.turn(unit?.data.length ?? 1);
}

function statusOf({ status, activeAttempt, data }: WorkUnit): Encodable {
  const traceback = status === 'failed' ? mapEntry(data, 'traceback') : undefined;
  return {
    status: stateOf(status),
    expiration: activeAttempt
      ? seconds(stateOf(status) === State.Pending ? activeAttempt.expiration : activeAttempt.end)
      : null,
    worker_id: activeAttempt ? new ByteString(activeAttempt.worker) : undefined,
    traceback: traceback && new RawCbor(traceback),
  };
}
