import type { ClaimRequest } from '../../../domain/attempt.js';
import { namesAsked } from '../../../domain/scheduler/eligibility.js';
import { Moments } from '../../../domain/scheduler/moments.js';
import type { Scheduler } from '../../../domain/scheduler/scheduler.js';
import type { Micros } from '../../../domain/time.js';
import { Recent } from '../units/recent.js';
import { byteaColumn, float8Column, int8Column } from '../wire/columns.js';
import type { ClaimHint } from './claim-hints.js';
import { KnownPool, type PooledSpec } from './known-pool.js';
import type { Place } from './spec-state.js';

/** So many hints are given to one look. */
const MOST_HINTS = 256;

/** What the database showed when a connection looked, as it writes it. */
interface ReadPoint {
  /** As of pg_current_snapshot(). */
  readonly snapshot: string;
  /** Which start of the server it is of. */
  readonly started: string;
}

/**
 * All specs of a namespace of very many, as one connection has seen them last. Each look reads what has changed since, as the
 * database has noted it, and what this connection has touched itself.
 */
export class KnownSpecs {
  /** What is known was seen then; undefined: nothing is, and all of them have to be read. */
  base: ReadPoint | undefined;
  /** Changes are sure to be noted of transactions that begin from this one on; undefined: they were not when last looked. */
  notedFrom: bigint | undefined;
  private readonly specs = new Map<number, PooledSpec>();
  private readonly names = new Map<string, number>();
  /** Those that may have made a unit at a moment that is still to come. */
  readonly continuous = new Set<PooledSpec>();
  /** Those that have a rate limit, or wait for others. */
  readonly limited = new Set<PooledSpec>();
  private pool = new KnownPool();
  private readonly moments = new Moments<number>();
  /** Specs that are to be read again whatever the database says. */
  readonly touched = new Set<number>();
  private readonly places = new Recent<number, ClaimHint & { readonly id: number }>(MOST_HINTS);

  constructor(
    readonly namespaceId: number,
    /** How many specs there were when it was first seen. */
    readonly weight: number,
  ) {}

  get size(): number {
    return this.specs.size;
  }

  get(id: number): PooledSpec | undefined {
    return this.specs.get(id);
  }

  clear(): void {
    this.pool = new KnownPool();
    this.specs.clear();
    this.names.clear();
    this.continuous.clear();
    this.limited.clear();
    this.touched.clear();
    this.moments.renew([]);
  }

  /** @param isDrawn - whether it comes into question for the claims under way */
  put(spec: PooledSpec, isDrawn: boolean): void {
    const before = this.specs.get(spec.id);
    if (before) {
      this.pool.remove(before);
      this.continuous.delete(before);
      this.limited.delete(before);
    }
    this.specs.set(spec.id, spec);
    this.names.set(spec.head.name, spec.id);
    if (spec.head.meta.continuous) this.continuous.add(spec);
    if (spec.hasLimits) {
      this.limited.add(spec);
      spec.others = this.named;
    }
    if (isDrawn) this.pool.put(spec);
    if (spec.dueAt === Infinity || spec.dueAt === before?.dueAt) return;
    this.moments.add(spec.dueAt, spec.id);
    if (this.moments.areTooMany(this.specs.size)) this.renewMoments();
  }

  private readonly named = (name: string): PooledSpec | undefined => this.specs.get(this.names.get(name) ?? 0);

  private renewMoments(): void {
    this.moments.renew(
      [...this.specs.values()].flatMap(({ dueAt, id }) => (dueAt === Infinity ? [] : [{ at: dueAt, of: id }])),
    );
  }

  remove(id: number): void {
    const spec = this.specs.get(id);
    this.touched.delete(id);
    this.places.delete(id);
    if (!spec) return;
    this.pool.remove(spec);
    this.continuous.delete(spec);
    this.limited.delete(spec);
    this.specs.delete(id);
    if (this.names.get(spec.head.name) === id) this.names.delete(spec.head.name);
  }

  /** Those of which something has run out by `now`. */
  due(now: Micros): number[] {
    const due = new Set<number>();
    for (let entry = this.moments.take(now); entry; entry = this.moments.take(now)) {
      if (this.specs.get(entry.of)?.dueAt === entry.at) due.add(entry.of);
    }
    // They are so until they have been seen to be otherwise.
    for (const id of due) this.moments.add(this.specs.get(id)!.dueAt, id);
    return [...due];
  }

  /** Draws one for a claim, by preference one that is not among those to be avoided. */
  choose(
    request: ClaimRequest,
    now: Micros,
    scheduler: Scheduler,
    exhausted: ReadonlySet<number>,
    avoided: ReadonlySet<number>,
  ): PooledSpec | undefined {
    const names = namesAsked(request);
    if (names) return this.chooseNamed(names, request, now, scheduler, exhausted, avoided);
    const aside = [...avoided].flatMap((id) => this.specs.get(id) ?? []).filter(({ id }) => !exhausted.has(id));
    for (const spec of aside) this.pool.remove(spec);
    let spec = this.pool.choose(request, now, scheduler);
    for (const other of aside) this.pool.put(other);
    if (!spec && aside.length > 0) spec = this.pool.choose(request, now, scheduler);
    return spec;
  }

  private chooseNamed(
    names: readonly string[],
    request: ClaimRequest,
    now: Micros,
    scheduler: Scheduler,
    exhausted: ReadonlySet<number>,
    avoided: ReadonlySet<number>,
  ): PooledSpec | undefined {
    const candidates: PooledSpec[] = [];
    for (const name of new Set(names)) {
      const spec = this.specs.get(this.names.get(name) ?? 0);
      if (spec && !exhausted.has(spec.id) && spec.canGive(request, now)) candidates.push(spec);
    }
    // In the order in which all others are drawn from: the same number draws the same.
    candidates.sort((a, b) => a.id - b.id);
    const free = candidates.filter(({ id }) => !avoided.has(id));
    const drawn = free.length > 0 ? free : candidates;
    return drawn[scheduler.choose(drawn)];
  }

  /** Sets units of a spec aside for a claim. @returns how many */
  reserve(spec: PooledSpec, asked: number, now: Micros): number {
    this.touched.add(spec.id);
    this.pool.remove(spec);
    const units = spec.reserve(asked, now);
    this.pool.put(spec);
    return units;
  }

  /** Lets a spec not be drawn until it has been read by another transaction. */
  exhaust(id: number): void {
    this.touched.add(id);
    const spec = this.specs.get(id);
    if (spec) this.pool.remove(spec);
  }

  keepPlace(id: number, arrivals: number, place: Place): void {
    this.places.set(id, { id, arrivals, place });
  }

  /** Parameters of the statements that look. */
  hintColumns(): [Buffer, Buffer, Buffer, Buffer] {
    const hints = [...this.places.values()];
    return [
      int8Column(hints.map(({ id }) => id)),
      int8Column(hints.map(({ arrivals }) => arrivals)),
      float8Column(hints.map(({ place }) => Number(place.rank))),
      byteaColumn(hints.map(({ place }) => place.name)),
    ];
  }
}
