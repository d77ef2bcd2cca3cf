import type { After } from '../../domain/flow/after.js';
import { allowanceOf, type HoldBack, limitedUntil } from '../../domain/flow/hold-back.js';
import { FULL, fullAtPresent, takeTokens, withRate } from '../../domain/flow/token-bucket.js';
import type { Micros } from '../../domain/time.js';

/** A work spec that another one may wait for. */
export interface Awaited {
  /** Lets what has run out by now take effect. @returns whether it is at rest, as everybody is to see it */
  isAtRestAt(now: Micros): boolean;
  /** When that may change without anybody changing a unit. */
  readonly nextDue: Micros;
}

/** What keeps units of a work spec from being handed out by what its flow says, and how far it has come. */
export class SpecLimits {
  /** Those that it was found to wait for, which holds until one of all comes to rest or is no longer, or something of these runs out. */
  private found: { readonly blockers: readonly string[]; readonly specs: readonly Awaited[] } | undefined;

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
    return this.flow.after === undefined ? NONE : this.lookedFor(now).blockers;
  }

  private lookedFor(now: Micros): NonNullable<SpecLimits['found']> {
    if (this.found?.specs.every(({ nextDue }) => nextDue > now)) return this.found;
    const specs: Awaited[] = [];
    const blockers = this.after.filter((name) => {
      const spec = this.specs.get(name);
      if (spec === undefined || spec.isAtRestAt(now)) return false;
      specs.push(spec);
      return true;
    });
    return (this.found = { blockers, specs });
  }

  /** One that it waits for has come to rest, or is no longer, or has gone. */
  predecessorChanged(): void {
    this.found = undefined;
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
    if (this.flow.after !== undefined) {
      for (const { nextDue } of this.lookedFor(now).specs) until = Math.min(until, nextDue);
    }
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
