import type { ClaimRequest } from '../../../domain/attempt.js';
import type { Candidate } from '../../../domain/draw.js';
import type { Micros } from '../../../domain/time.js';
import { hasPassed } from '../../../domain/time.js';
import type { SpecHead } from '../units/spec-head.js';

/** A place in the order of claimable units: rank as the database writes it, and name. */
export interface Place {
  readonly rank: string;
  readonly name: Buffer;
}

/** A work spec as a batch of claims sees it; the counts go on as units are reserved. */
export class SpecState implements Candidate {
  /** Whether it has no work and the next claim makes the unit that a continuous spec gives itself. */
  startsContinuous = false;

  constructor(
    readonly head: SpecHead,
    public available: number,
    public pending: number,
    /** Nothing is available before it. */
    public first: Place | undefined,
  ) {}

  get id(): number {
    return this.head.id;
  }

  get namespaceId(): number {
    return this.head.namespaceId;
  }

  get priority(): number {
    return this.head.meta.priority;
  }

  get weight(): number {
    return this.head.meta.weight;
  }

  /** Whether it could give out work now to who asks so. */
  canGive(request: ClaimRequest, now: Micros): boolean {
    const { maxRunning } = this.head.meta;
    if (!this.suits(request)) return false;
    if (maxRunning > 0 && this.pending >= maxRunning) return false;
    return this.available > 0 || this.canStartContinuous(now);
  }

  /** Whether it is asked for, and handed out at all. */
  suits({ workSpecs, runtimes, availableGb = 0 }: ClaimRequest): boolean {
    const { name, meta } = this.head;
    if (workSpecs?.length && !workSpecs.includes(name)) return false;
    if (runtimes?.length && !runtimes.includes(meta.runtime)) return false;
    if (meta.paused || meta.weight <= 0) return false;
    return !(availableGb > 0 && meta.minMemoryGb > availableGb);
  }

  private canStartContinuous(now: Micros): boolean {
    const { continuous, nextContinuous } = this.head.meta;
    return continuous && this.available === 0 && this.pending === 0 && hasPassed(nextContinuous, now);
  }

  /** Sets units aside for a claim that asks for so many. @returns how many it gets, if they are there */
  reserve(asked: number): number {
    if (this.available === 0) {
      this.startsContinuous = true;
      this.available = 1;
    }
    const { maxAttemptsReturned, maxRunning } = this.head.meta;
    let size = Math.min(asked, this.available);
    if (maxAttemptsReturned > 0) size = Math.min(size, maxAttemptsReturned);
    if (maxRunning > 0) size = Math.min(size, maxRunning - this.pending);
    this.available -= size;
    this.pending += size;
    return size;
  }
}
