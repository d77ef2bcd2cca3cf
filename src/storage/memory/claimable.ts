import type { Candidate } from '../../domain/scheduler/draw.js';
import type { DrawGroup, Pooled } from '../../domain/scheduler/draw-pool.js';
import type { Needs } from '../../domain/scheduler/eligibility.js';
import type { Micros } from '../../domain/time.js';

/** What claims ask of a work spec. */
export interface ClaimSource extends Candidate {
  readonly needs: Needs;
  readonly isHandedOut: boolean;
  isBusy(now: Micros): boolean;
  hasWork(now: Micros): boolean;
  validUntil(now: Micros): Micros;
  changed(): void;
}

export interface ClaimableListener<Spec extends ClaimSource> {
  expired(claimable: Claimable<Spec>): void;
}

/** Is told of every change of the work specs of a namespace while somebody waits for work there. */
export interface ClaimableWatch<Spec extends ClaimSource> {
  changed(claimable: Claimable<Spec>): void;
}

/** What the specs of a namespace share. */
export interface ClaimableHome<Spec extends ClaimSource> {
  /** Undefined: nobody waits for work. */
  readonly watch: ClaimableWatch<Spec> | undefined;
}

/**
 * A work spec as claims see it: what the draw looks at, in plain fields, which stay as they are until something about the
 * spec changes or runs out.
 */
export class Claimable<Spec extends ClaimSource> implements Pooled<Claimable<Spec>> {
  priority = 0;
  weight = 0;
  pending = 0;
  runtime = '';
  minMemoryGb = 0;
  /** What a claim finds here; busy: the spec has to be waited for. */
  offer: 'nothing' | 'work' | 'busy' = 'nothing';
  /** Until when the fields hold. */
  validUntil: Micros = -Infinity;
  group: DrawGroup<Claimable<Spec>> | undefined;
  /** When the listener looks at the fields in any case; Infinity: never. The listener's. */
  notedUntil: Micros = Infinity;
  /** Is told when the fields hold no more, or become others. */
  listener: ClaimableListener<Spec> | undefined;
  /** The watch's: it is about to look at the fields. */
  isNoted = false;
  /** The watch's: when it looks at them in any case; Infinity: never. */
  watchedUntil: Micros = Infinity;

  constructor(
    readonly spec: Spec,
    /** Greater than that of those made before it. */
    readonly id: number,
    /** Its place among those of the namespace. */
    public place: number,
    readonly home: ClaimableHome<Spec>,
  ) {}

  /** Something about the spec has changed: the fields hold no more. */
  expire(): void {
    this.validUntil = -Infinity;
    this.listener?.expired(this);
    if (this.home.watch !== undefined) this.home.watch.changed(this);
  }

  /** Looks at the spec, which lets what has run out take effect. */
  refresh(now: Micros): void {
    const { spec } = this;
    this.listener?.expired(this);
    this.offer = 'nothing';
    if (!spec.isHandedOut) {
      this.validUntil = Infinity;
      return;
    }
    this.priority = spec.priority;
    this.runtime = spec.needs.runtime;
    this.minMemoryGb = spec.needs.minMemoryGb;
    if (spec.isBusy(now)) {
      this.offer = 'busy';
      this.validUntil = -Infinity;
      return;
    }
    this.weight = spec.weight;
    this.pending = spec.pending;
    if (spec.hasWork(now)) this.offer = 'work';
    this.validUntil = spec.validUntil(now);
  }
}
