import type { After } from '../../domain/flow/after.js';
import { allowanceOf, blockersOf, type HoldBack, limitedUntil } from '../../domain/flow/hold-back.js';
import { FULL, fullAtPresent, takeTokens, withRate } from '../../domain/flow/token-bucket.js';
import type { Micros } from '../../domain/time.js';
import type { WorkUnitCounts } from '../../domain/work-unit.js';

/** A work spec that another one may wait for. */
export interface Awaited {
  /** Lets what has run out by now take effect. @returns its units as everybody is to see them */
  countsAt(now: Micros): WorkUnitCounts;
  /** When that may change without anybody changing a unit. */
  readonly nextDue: Micros;
}

/** What keeps units of a work spec from being handed out by what its flow says, and how far it has come. */
export class SpecLimits {
  constructor(
    readonly flow: HoldBack,
    private readonly specs: ReadonlyMap<string, Awaited>,
    /** When the bucket of its rate is full. */
    private fullAt: Micros = FULL,
  ) {}

  /** Those of a spec whose flow is another one from now on; undefined: it has none. */
  static renewed(
    before: SpecLimits | undefined,
    flow: HoldBack | undefined,
    specs: ReadonlyMap<string, Awaited>,
    now: Micros,
  ): SpecLimits | undefined {
    if (flow?.rateLimit === undefined && flow?.after === undefined) return undefined;
    const { rateLimit } = before?.flow ?? {};
    const isKept = before !== undefined && rateLimit !== undefined && flow.rateLimit !== undefined;
    return new SpecLimits(flow, specs, isKept ? withRate(rateLimit, flow.rateLimit, before.fullAt, now) : FULL);
  }

  get after(): After {
    return this.flow.after ?? NONE;
  }

  /** The names of those that it waits for. */
  blockers(now: Micros): readonly string[] {
    return blockersOf(this.flow, (name) => this.specs.get(name)?.countsAt(now));
  }

  /** How many units may be handed out. */
  allowance(now: Micros): number {
    this.correct(now);
    return allowanceOf(this.flow, this.fullAt, this.blockers(now).length > 0, now);
  }

  limitedUntil(now: Micros): Micros | undefined {
    this.correct(now);
    return limitedUntil(this.flow, this.fullAt, now);
  }

  /** When what may be handed out becomes more without anybody changing a unit. */
  validUntil(now: Micros): Micros {
    let until = this.limitedUntil(now) ?? Infinity;
    for (const name of this.blockers(now)) until = Math.min(until, this.specs.get(name)!.nextDue);
    return until;
  }

  /** When the bucket is full; undefined: it is, or there is none. */
  fullAtIfNot(now: Micros): Micros | undefined {
    this.correct(now);
    return this.flow.rateLimit && this.fullAt > now ? this.fullAt : undefined;
  }

  take(units: number, now: Micros): void {
    if (this.flow.rateLimit) this.fullAt = takeTokens(this.flow.rateLimit, this.fullAt, units, now);
  }

  /** As a snapshot has it. */
  restore(fullAt: Micros): void {
    this.fullAt = fullAt;
  }

  /** Where the clock has been set back, the bucket is full after as long as an empty one. */
  private correct(now: Micros): void {
    if (this.flow.rateLimit) this.fullAt = fullAtPresent(this.flow.rateLimit, this.fullAt, now);
  }
}

const NONE: After = [];
