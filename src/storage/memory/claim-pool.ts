import type { ClaimRequest } from '../../domain/attempt.js';
import { DrawPool } from '../../domain/scheduler/draw-pool.js';
import { canRun } from '../../domain/scheduler/eligibility.js';
import { Moments } from '../../domain/scheduler/moments.js';
import type { Scheduler } from '../../domain/scheduler/scheduler.js';
import type { Micros } from '../../domain/time.js';
import type { Claimable, ClaimableListener, ClaimSource } from './claimable.js';

/** When so many of all have changed, all are gathered anew rather than put in their places one by one. */
const MOST_CHANGED = 1 / 16;

/**
 * The specs of a namespace of many, gathered by what a draw looks at: a claim looks at those that have changed since the one
 * before it, at those of which something has run out, and at one of each kind.
 */
export class ClaimPool<Spec extends ClaimSource> implements ClaimableListener<Spec> {
  private readonly all = new Set<Claimable<Spec>>();
  private pool = new DrawPool<Claimable<Spec>>();
  private readonly busy = new Set<Claimable<Spec>>();
  /** Those whose fields hold no more. */
  private expiredOnes = new Set<Claimable<Spec>>();
  /** Those whose fields, looked at just now, already hold no more: who claims next looks again. */
  private readonly fleeting = new Set<Claimable<Spec>>();
  /** When the fields of others hold no more. */
  private readonly moments = new Moments<Claimable<Spec>>();

  add(claimable: Claimable<Spec>): void {
    this.all.add(claimable);
    this.expiredOnes.add(claimable);
    claimable.listener = this;
  }

  remove(claimable: Claimable<Spec>): void {
    this.all.delete(claimable);
    this.expiredOnes.delete(claimable);
    this.fleeting.delete(claimable);
    this.busy.delete(claimable);
    this.pool.remove(claimable);
    claimable.listener = undefined;
    claimable.notedUntil = Infinity;
  }

  expired(claimable: Claimable<Spec>): void {
    this.expiredOnes.add(claimable);
  }

  /**
   * Draws one for a claim that names none. @returns those that have to be waited for, where one of them might be drawn;
   * undefined: none
   */
  choose(
    request: ClaimRequest,
    now: Micros,
    scheduler: Scheduler,
  ): Claimable<Spec> | readonly Claimable<Spec>[] | undefined {
    this.lookAnew(now);
    const groups = this.pool.suitable(request);
    const highest = groups.length === 0 ? -Infinity : groups[0].priority;
    const busy: Claimable<Spec>[] = [];
    for (const one of this.busy) if (one.priority >= highest && canRun(one, request)) busy.push(one);
    if (busy.length > 0) return busy;
    const drawn = scheduler.chooseOfGroups(groups);
    return drawn && groups[drawn.group].specs[drawn.member];
  }

  /** When fields of one that has not changed hold no more; Infinity: never. */
  get earliest(): Micros {
    return this.moments.first?.at ?? Infinity;
  }

  /** Looks at those that have changed, or of which something has run out. */
  lookAnew(now: Micros): void {
    const { moments } = this;
    for (let entry = moments.take(now); entry; entry = moments.take(now)) {
      const { of: one, at } = entry;
      if (one.listener !== this || one.notedUntil !== at) continue;
      one.notedUntil = Infinity;
      if (one.validUntil <= now) this.expiredOnes.add(one);
      else this.noteMoment(one);
    }
    // What takes effect as one is looked at may change others, of which some have been looked at before it.
    while (this.expiredOnes.size > 0) this.lookAtExpired(now);
    for (const one of this.fleeting) this.expiredOnes.add(one);
    this.fleeting.clear();
  }

  private lookAtExpired(now: Micros): void {
    const expired = this.expiredOnes;
    this.expiredOnes = new Set();
    const isAnew = expired.size > this.all.size * MOST_CHANGED;
    for (const one of expired) {
      if (!isAnew) this.pool.remove(one);
      one.refresh(now);
      // What has run out has taken effect, which the fields already tell.
      this.expiredOnes.delete(one);
      if (!isAnew) this.keep(one, now);
    }
    if (!isAnew) return;
    this.pool = new DrawPool();
    this.busy.clear();
    for (const one of this.all) {
      one.group = undefined;
      this.keep(one, now);
    }
  }

  private keep(one: Claimable<Spec>, now: Micros): void {
    if (one.offer === 'busy') this.busy.add(one);
    else this.busy.delete(one);
    if (one.offer === 'work') {
      this.pool.put(one);
      one.home.watch?.changed(one);
    }
    this.fleeting.delete(one);
    if (one.validUntil <= now) this.fleeting.add(one);
    else this.noteMoment(one);
  }

  /** Sees to it that a spec is looked at when its fields hold no more, or before. */
  private noteMoment(one: Claimable<Spec>): void {
    const { moments } = this;
    if (one.validUntil >= one.notedUntil) return;
    one.notedUntil = one.validUntil;
    moments.add(one.validUntil, one);
    if (!moments.areTooMany(this.all.size)) return;
    const left = [...this.all].filter(({ notedUntil }) => notedUntil < Infinity);
    moments.renew(left.map((of) => ({ at: of.notedUntil, of })));
  }
}
