import { isAtRest } from '../../../domain/flow/hold-back.js';
import type { ByteName } from '../../../domain/names.js';
import type { SpecOverview } from '../../../domain/overview.js';
import { isSameOverview } from '../../../domain/overview.js';
import type { Micros } from '../../../domain/time.js';
import { SECOND } from '../../../domain/time.js';
import type { Home } from '../../../rest/links.js';
import { Slices } from '../../../timing/slices.js';
import { WORK_SPEC_META } from '../../../work-specs/rest/dto/work-spec-meta.dto.js';
import { specOverviewJson, stateOf, viewSpecOverview } from '../../overview/rest/dto/overview.dto.js';
import { drainedEvent, failureEvent, overviewEvent, specEvent, workerEvent } from './dto/events.dto.js';
import type { LiveEvent } from './event-frames.js';
import type { LookedAt } from './event-source.js';
import { nameKey } from '../../../structures/name-key.js';

/** Workers are looked at in one look of so many. */
const LOOKS_PER_WORKERS = 5;
/** What failed was written by whom the clock gave a moment before others that have been seen already. */
const LATE: Micros = 2 * SECOND;

/** A work spec as it was seen last. */
interface Seen {
  readonly spec: SpecOverview;
  readonly state: string;
  readonly meta: string;
  readonly json: string;
  readonly isAtRest: boolean;
  /** Units that are finished or failed. */
  readonly done: number;
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
    return overviewEvent(
      this.seenAt!,
      Array.from(this.specs.values(), ({ json }) => json),
      [],
      true,
    );
  }

  /** @returns what has changed since the last look; nothing at the first one */
  async look(): Promise<LiveEvent[]> {
    const { home, source } = this;
    const { now, specs } = await source.overview(home.name);
    const isFirst = this.seenAt === undefined;
    const seen = new Map<string, Seen>();
    const events: LiveEvent[] = [];
    const changed: string[] = [];
    const maybeFailed: string[] = [];
    const slices = new Slices();
    for (const spec of specs) {
      const before = this.specs.get(spec.workSpec);
      const after = seeSpec(home, spec, now, before);
      seen.set(spec.workSpec, after);
      if (slices.isOver()) await slices.next();
      if (after === before) continue;
      changed.push(after.json);
      if (spec.counts.failed > 0) maybeFailed.push(spec.workSpec);
      if (!before) events.push(specEvent(home, spec.workSpec, 'made'));
      else if (before.meta !== after.meta) events.push(specEvent(home, spec.workSpec, 'changed'));
      if (hasDrained(before, after)) events.push(drainedEvent(home, spec.workSpec, now));
    }
    const gone = [...this.specs.keys()].filter((name) => !seen.has(name));
    for (const name of gone) events.push(specEvent(home, name, 'deleted'));
    const since = this.seenAt;
    this.specs = seen;
    this.seenAt = now;
    const workers = await this.lookAtWorkers();
    if (isFirst) return [];
    if (changed.length > 0 || gone.length > 0) events.unshift(overviewEvent(now, changed, gone, false));
    return [...events, ...(await this.failures(maybeFailed, since!)), ...workers];
  }

  private async failures(workSpecs: readonly string[], since: Micros): Promise<LiveEvent[]> {
    if (workSpecs.length === 0) return [];
    const failures = await this.source.failures(this.home.name, workSpecs, since - LATE);
    const told = new Map<string, Micros>();
    const events: LiveEvent[] = [];
    for (const failure of failures) {
      const key = nameKey(failure.workSpec, failure.workUnit);
      told.set(key, failure.at);
      if (this.told.get(key) !== failure.at) events.push(failureEvent(this.home, failure));
    }
    for (const [key, at] of this.told) if (at > since - LATE && !told.has(key)) told.set(key, at);
    this.told = told;
    return events;
  }

  private async lookAtWorkers(): Promise<LiveEvent[]> {
    if (this.looks++ % LOOKS_PER_WORKERS !== 0) return [];
    const { home, workers: before } = this;
    const workers = new Set(await this.source.activeWorkers(home.name));
    this.workers = workers;
    if (!before) return [];
    const came = [...workers].filter((name) => !before.has(name));
    const left = [...before].filter((name) => !workers.has(name));
    return [
      ...came.map((name) => workerEvent(home, name, true)),
      ...left.map((name) => workerEvent(home, name, false)),
    ];
  }
}

/** @returns what was seen before where it is as it was */
function seeSpec(home: Home, spec: SpecOverview, now: Micros, before: Seen | undefined): Seen {
  if (before !== undefined && isSameOverview(before.spec, spec)) return before;
  const view = viewSpecOverview(home, spec, now);
  const state = stateOf(view);
  if (state === before?.state) return before;
  const { counts, meta } = spec;
  return {
    spec,
    state,
    meta: before?.spec.meta === meta ? before.meta : WORK_SPEC_META.json(meta),
    json: specOverviewJson(view),
    isAtRest: isAtRest(counts),
    done: counts.finished + counts.failed,
  };
}

/** Whether it has come to rest since the last look, which it may have done in no time. */
function hasDrained(before: Seen | undefined, after: Seen): boolean {
  if (!after.isAtRest) return false;
  return before === undefined ? after.done > 0 : !before.isAtRest || after.done > before.done;
}
