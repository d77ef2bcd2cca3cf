import { isAtRest } from '../../../domain/flow/hold-back.js';
import type { ByteName } from '../../../domain/names.js';
import type { SpecOverview } from '../../../domain/overview.js';
import { isSameOverview } from '../../../domain/overview.js';
import type { Micros } from '../../../domain/time.js';
import { SECOND } from '../../../domain/time.js';
import type { Home } from '../../../rest/links.js';
import { Slices } from '../../../timing/slices.js';
import { WORK_SPEC_META } from '../../../work-specs/rest/dto/work-spec-meta.dto.js';
import type { WorkUnitCounts } from '../../../domain/work-unit.js';
import type { SpecOverviewView } from '../../overview/rest/dto/overview.dto.js';
import { shortState, standAlike, viewSpecOverview } from '../../overview/rest/dto/overview.dto.js';
import { drainedEvent, failureEvent, overviewEvent, specEvent, workerEvent } from './dto/events.dto.js';
import type { LiveEvent } from './event-frames.js';
import type { LookedAt } from './event-source.js';
import { nameKey } from '../../../structures/name-key.js';

/** Workers are looked at in one look of so many. */
const LOOKS_PER_WORKERS = 5;
/** What failed was written by whom the clock gave a moment before others that have been seen already. */
const LATE: Micros = 2 * SECOND;

/** To see how one stands takes as long as so many small steps, and so many names of others as one. */
const STEPS_PER_SPEC = 4;
const NAMES_PER_STEP = 8;
/** Of so many work specs failures are asked for at a time. */
const SPECS_AT_ONCE = 500;

/** A work spec as it was when it was seen to have changed. What it reads like is made when it is told: of very many that is very much. */
interface Seen extends SpecOverviewView {
  readonly state: string;
}

/** Looks how a namespace stands, and finds what has changed since the last look. */
export class EventFeed {
  private specs = new Map<string, Seen>();
  private workers: ReadonlySet<ByteName> | undefined;
  private looks = 0;
  /** When it was looked last; undefined: not yet. */
  private seenAt: Micros | undefined;
  /** Failures that have been told of, for as long as they could be seen once more. */
  private told = new Map<string, Micros>();

  /** @param emptyAt - when nothing was there yet; undefined: the first look is to see what there is */
  constructor(
    private readonly source: LookedAt,
    private readonly home: Home,
    emptyAt?: Micros,
  ) {
    if (emptyAt === undefined) return;
    this.seenAt = emptyAt;
    this.workers = new Set();
  }

  /** Whether something has been seen. */
  get isThere(): boolean {
    return this.seenAt !== undefined;
  }

  /** All that has been seen. */
  get complete(): LiveEvent {
    const { specs } = this;
    // The table is never changed: at the next look there is another one.
    return overviewEvent(this.seenAt!, { [Symbol.iterator]: () => specs.values() }, [], true);
  }

  /** @returns what has changed since the last look; nothing at the first one */
  async look(): Promise<LiveEvent[]> {
    const { home, source } = this;
    const { now, specs } = await source.overview(home.name);
    const isFirst = this.seenAt === undefined;
    const seen = new Map<string, Seen>();
    const events: LiveEvent[] = [];
    const changed: Seen[] = [];
    const maybeFailed: string[] = [];
    const slices = new Slices();
    for (const spec of specs) {
      const before = this.specs.get(spec.workSpec);
      const after = seeSpec(home, spec, now, before);
      seen.set(spec.workSpec, after);
      if (slices.isOver(STEPS_PER_SPEC + namesIn(spec))) await slices.next();
      if (after === before) continue;
      changed.push(after);
      if (spec.counts.failed > 0) maybeFailed.push(spec.workSpec);
      if (!before) events.push(specEvent(home, spec.workSpec, 'made'));
      else if (!hasSameMeta(before.spec, spec)) events.push(specEvent(home, spec.workSpec, 'changed'));
      if (hasDrained(before, after)) events.push(drainedEvent(home, spec.workSpec, now));
    }
    const gone: string[] = [];
    for (const name of this.specs.keys()) {
      if (!seen.has(name)) gone.push(name);
      if (slices.isOver()) await slices.next();
    }
    for (const name of gone) events.push(specEvent(home, name, 'deleted'));
    const workers = this.looks % LOOKS_PER_WORKERS === 0 ? await this.lookAtWorkers() : undefined;
    const failures = this.seenAt === undefined ? undefined : await this.failures(maybeFailed, this.seenAt);
    // Only now has all been seen that is told: what could not be asked, and all that changed meanwhile, is seen by the next look.
    this.looks++;
    this.seenAt = now;
    if (workers !== undefined) this.workers = workers.active;
    if (failures !== undefined) this.told = failures.told;
    // Who is being told of the one before keeps that, which is the same one as long as nothing happens.
    if (changed.length > 0 || gone.length > 0) this.specs = seen;
    if (isFirst) return [];
    if (changed.length > 0 || gone.length > 0) events.unshift(overviewEvent(now, changed, gone, false));
    for (const failure of failures?.events ?? []) events.push(failure);
    for (const worker of workers?.events ?? []) events.push(worker);
    return events;
  }

  /** @returns what failed since, and all failures that could be seen once more; undefined: nothing can have failed */
  private async failures(
    workSpecs: readonly string[],
    since: Micros,
  ): Promise<{ events: LiveEvent[]; told: Map<string, Micros> } | undefined> {
    if (workSpecs.length === 0) return undefined;
    const slices = new Slices();
    const told = new Map<string, Micros>();
    const events: LiveEvent[] = [];
    for (let from = 0; from < workSpecs.length; from += SPECS_AT_ONCE) {
      const some = workSpecs.slice(from, from + SPECS_AT_ONCE);
      for (const failure of await this.source.failures(this.home.name, some, since - LATE)) {
        const key = nameKey(failure.workSpec, failure.workUnit);
        told.set(key, failure.at);
        if (this.told.get(key) !== failure.at) events.push(failureEvent(this.home, failure));
        if (slices.isOver()) await slices.next();
      }
      if (slices.isOver(SPECS_AT_ONCE)) await slices.next();
    }
    for (const [key, at] of this.told) {
      if (at > since - LATE && !told.has(key)) told.set(key, at);
      if (slices.isOver()) await slices.next();
    }
    return { events, told };
  }

  private async lookAtWorkers(): Promise<{ events: LiveEvent[]; active: ReadonlySet<ByteName> }> {
    const { home, workers: before } = this;
    const active = new Set(await this.source.activeWorkers(home.name));
    if (!before) return { events: [], active };
    const came = [...active].filter((name) => !before.has(name));
    const left = [...before].filter((name) => !active.has(name));
    const events = [
      ...came.map((name) => workerEvent(home, name, true)),
      ...left.map((name) => workerEvent(home, name, false)),
    ];
    return { events, active };
  }
}

/** @returns what was seen before where it is as it was */
function seeSpec(home: Home, spec: SpecOverview, now: Micros, before: Seen | undefined): Seen {
  if (before !== undefined && isSameOverview(before.spec, spec)) return before;
  const view = viewSpecOverview(home, spec, now, before?.url);
  const state = shortState(view);
  if (before !== undefined && state === before.state && standAlike(before.spec, spec)) return before;
  return { ...view, state };
}

/** Names of others that are compared. */
function namesIn({ waitingFor }: SpecOverview): number {
  return waitingFor.length / NAMES_PER_STEP;
}

function hasSameMeta({ meta }: SpecOverview, { meta: other }: SpecOverview): boolean {
  return meta === other || WORK_SPEC_META.json(meta) === WORK_SPEC_META.json(other);
}

/** Whether it has come to rest since the last look, which it may have done in no time. */
function hasDrained(before: Seen | undefined, { spec: { counts } }: Seen): boolean {
  if (!isAtRest(counts)) return false;
  if (before === undefined) return doneOf(counts) > 0;
  return !isAtRest(before.spec.counts) || doneOf(counts) > doneOf(before.spec.counts);
}

/** Units that are finished or failed. */
function doneOf({ finished, failed }: WorkUnitCounts): number {
  return finished + failed;
}
