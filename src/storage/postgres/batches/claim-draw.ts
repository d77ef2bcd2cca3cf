import type { Attempt } from '../../../domain/attempt.js';
import type { Scheduler } from '../../../domain/scheduler/scheduler.js';
import type { Micros } from '../../../domain/time.js';
import type { ClaimJob } from './claim-job.js';
import type { PooledSpec } from './known-pool.js';
import type { KnownSpecs } from './known-specs.js';
import type { SpecState } from './spec-state.js';

/** A claim of the batch, and what it has been given so far. */
export interface OpenClaim {
  readonly job: ClaimJob;
  readonly namespaceId: number;
  attempts: Attempt[];
  spec?: SpecState;
  /** Whether it drew a spec that others hold. */
  isBlocked?: boolean;
  /** Whether it is to be drawn anew by another transaction: the spec has changed, or others were given all that fits. */
  isOutdated?: boolean;
}

/** One claim's part of what is to be taken from a spec. */
export interface Demand {
  readonly claim: OpenClaim;
  readonly units: number;
}

const NONE: ReadonlySet<number> = new Set();

/** The specs that the claims of a batch are drawn from. */
export class ClaimDraw {
  specs: readonly SpecState[] = [];
  /** What is known of namespaces of very many specs. */
  known: ReadonlyMap<number, KnownSpecs> = new Map();
  /** Specs that turned out to have nothing to give to this transaction. */
  readonly exhausted = new Set<number>();
  /** Specs that others hold. */
  readonly held = new Set<number>();

  constructor(private readonly scheduler: Scheduler) {}

  /** Draws for each claim in turn. @returns what is to be taken of which spec */
  draw(open: readonly OpenClaim[], now: Micros): Map<SpecState, Demand[]> {
    const demands = new Map<SpecState, Demand[]>();
    for (const claim of open) {
      const { namespaceId, job } = claim;
      const asked = job.work.request.units;
      const known = this.known.get(namespaceId);
      const spec = known ? this.drawKnown(known, claim, now) : this.drawOf(claim, now);
      if (!spec) continue;
      if (this.held.has(spec.id)) {
        claim.isBlocked = true;
        continue;
      }
      const units = known ? known.reserve(spec as PooledSpec, asked, now) : spec.reserve(asked, now);
      const others = demands.get(spec);
      if (others) others.push({ claim, units });
      else demands.set(spec, [{ claim, units }]);
    }
    return demands;
  }

  private drawOf({ job, namespaceId }: OpenClaim, now: Micros): SpecState | undefined {
    const { request, hasWaited } = job.work;
    let candidates = this.specs.filter(
      (spec) => spec.namespaceId === namespaceId && !this.exhausted.has(spec.id) && spec.canGive(request, now),
    );
    if (hasWaited && this.held.size > 0) {
      const free = candidates.filter(({ id }) => !this.held.has(id));
      if (free.length > 0) candidates = free;
    }
    return candidates[this.scheduler.choose(candidates)];
  }

  private drawKnown(known: KnownSpecs, { job }: OpenClaim, now: Micros): PooledSpec | undefined {
    const { request, hasWaited } = job.work;
    return known.choose(request, now, this.scheduler, this.exhausted, hasWaited ? this.held : NONE);
  }

  /** Lets a spec be drawn no more by this transaction. */
  exhaust({ id, namespaceId }: SpecState): void {
    this.exhausted.add(id);
    this.known.get(namespaceId)?.exhaust(id);
  }

  /** Those of which the bucket may be fuller than it could be, as the clock has been set back. */
  limited(): SpecState[] {
    const known = [...this.known.values()].flatMap(({ limited }) => [...limited]);
    return [...this.specs.filter((spec) => spec.hasLimits), ...known];
  }

  /** Those that may have made a unit at a moment which is still to come. */
  mayBeContinuous(): SpecState[] {
    return [...this.specs, ...[...this.known.values()].flatMap(({ continuous }) => [...continuous])];
  }
}
