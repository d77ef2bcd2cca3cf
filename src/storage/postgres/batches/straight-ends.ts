import { OTHER } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import { END_ATTEMPTS, END_FAILING, ENDED } from '../sql/straight.sql.js';
import { unitStatusCode } from '../units/codes.js';
import { OTHER_NUMBER } from '../units/known-causes.js';
import type { Places } from '../units/places.js';
import type { SpecDirectory, SpecName } from '../units/spec-directory.js';
import type { SpecHead } from '../units/spec-head.js';
import { unitKey } from '../units/spec-head.js';
import { byteaColumn, int8Column, tidColumn } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import { statement } from '../wire/statement.js';
import { byteNamesOf, numbersOf, textParameter } from '../wire/values.js';
import type { ChangeJob, StraightEnd } from './unit-change.js';
import { isFreed, News } from '../telling/news.js';
import type { Tidings } from '../telling/tidings.js';
import type { AttemptEnd } from '../units/attempt-image.js';
import { WorkEvents } from './work-events.js';

interface Ended {
  readonly job: ChangeJob;
  readonly end: StraightEnd<unknown>;
  readonly spec: SpecHead;
  readonly name: ByteName;
  /** Where its unit is taken to be. */
  readonly place: number | undefined;
}

/** What attempts are ended with. */
export interface EndTools {
  readonly directory: SpecDirectory;
  readonly tidings: Tidings;
  readonly places: Places;
}

/**
 * Ends those attempts of which nothing else follows, with one statement that commits by itself.
 * @returns the changes that are still to be carried out, in their order
 */
export async function endStraight(
  connection: Connection,
  shard: number,
  tools: EndTools,
  jobs: readonly ChangeJob[],
): Promise<ChangeJob[]> {
  const { directory, tidings } = tools;
  const chosen = choose(tools, jobs);
  if (chosen.length === 0) return [...jobs];
  chosen.sort((a, b) => a.spec.id - b.spec.id || (a.name < b.name ? -1 : 1));
  const specs = [...new Set(chosen.map(({ spec }) => spec))];
  const causes = chosen.map(({ end, spec }) => {
    return end.cause === undefined ? null : directory.causes.numberOf(spec.id, end.cause);
  });
  const fails = causes.some((cause) => cause !== null);
  const news = new News();
  for (const { spec } of chosen) {
    if (isFreed(spec.meta)) news.add(spec.id, 1);
    if (spec.awaited) news.lessened.add(spec.id);
  }
  const [[row]] = await connection.runTogether([
    statement(
      fails ? END_FAILING : END_ATTEMPTS,
      int8Column(specs.map(({ id }) => id)),
      int8Column(specs.map(({ version }) => version)),
      int8Column(chosen.map(({ spec }) => spec.id)),
      byteaColumn(chosen.map(({ name }) => name)),
      int8Column(chosen.map(({ end }) => unitStatusCode(end.status))),
      byteaColumn(chosen.map(({ end }) => end.worker ?? null)),
      int8Column(chosen.map(({ end }) => end.attempt?.number ?? null)),
      int8Column(chosen.map(({ end }) => end.attempt?.start ?? null)),
      byteaColumn(chosen.map(({ end }) => end.data ?? null)),
      shard,
      tidColumn(chosen.map(({ place }) => place)),
      ...(fails ? [int8Column(causes), byteaColumn(chosen.map(({ end }, i) => textOf(end.cause, causes[i])))] : []),
    ),
    ...tidings.notices(news),
  ]);
  tidings.committed(news);
  const now = Number(row[ENDED.now]);
  const ordinals = numbersOf(row[ENDED.ordinals]);
  const expirations = numbersOf(row[ENDED.expirations]);
  // Of those of which they were not given, in the same order.
  const starts = numbersOf(row[ENDED.starts]).values();
  const workers = byteNamesOf(row[ENDED.workers]).values();
  const ends = new Map<number, AttemptEnd[]>(specs.map(({ id }) => [id, []]));
  ordinals.forEach((ordinal, i) => {
    const { job, end, spec } = chosen[ordinal - 1];
    const start = end.attempt?.start ?? starts.next().value!;
    const worker = end.worker ?? workers.next().value!;
    ends.get(spec.id)!.push({ outcome: end.status, start, end: now, worker });
    job.answer(() => end.answer({ end: now, expiration: expirations[i] }));
  });
  const events = new WorkEvents((id) => directory.observerOf(id));
  for (const [id, ended] of ends) events.ended(id, ended);
  events.tell();
  if (ordinals.length === jobs.length) return [];
  const left = jobs.filter((job) => !job.isDone);
  const moved = chosen.filter(({ job, place }) => place !== undefined && !job.isDone);
  if (moved.length === 0) return left;
  // They may be somewhere else by now, as they are when their leases have been renewed.
  for (const { end } of moved) tools.places.forget(end.attempt!.number);
  return endStraight(connection, shard, tools, left);
}

/** The text of a cause that is written. */
function textOf(cause: string | undefined, number: number | null): Buffer | null {
  return cause === undefined ? null : textParameter(number === OTHER_NUMBER ? OTHER : cause);
}

/** One change per unit, the first in their order; of several of a unit all others follow it. */
function choose({ directory, places }: EndTools, jobs: readonly ChangeJob[]): Ended[] {
  const chosen: Ended[] = [];
  const seen = new Set<string>();
  // Most of them are of one spec.
  let last: SpecName | undefined;
  let id: number | undefined;
  let spec: SpecHead | undefined;
  for (const job of jobs) {
    const { target, names, end, attemptNumber } = job.work;
    if (last?.workSpec !== target.workSpec || last.namespace !== target.namespace) {
      last = target;
      id = directory.idOf(target);
      spec = id === undefined ? undefined : directory.head(id);
    }
    if (id === undefined) continue;
    let isFirst = false;
    for (const name of names) {
      const key = unitKey(id, name);
      if (seen.has(key)) continue;
      seen.add(key);
      isFirst = true;
    }
    if (!isFirst || !end || !spec) {
      // What else is done to it moves its unit.
      if (!end && attemptNumber !== undefined) places.forget(attemptNumber);
      continue;
    }
    // What it may chain into the next spec is for the general way.
    if (end.status === 'finished' && spec.meta.nextWorkSpecName !== '') continue;
    // Whether it stays failed is for the rules.
    if (end.status === 'failed' && spec.meta.flow?.retry) continue;
    const place = end.attempt && places.of(end.attempt.number);
    chosen.push({ job, end, spec, name: names[0], place });
  }
  return chosen;
}
