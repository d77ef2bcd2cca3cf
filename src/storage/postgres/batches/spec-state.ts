import type { ClaimRequest } from '../../../domain/attempt.js';
import { allowanceOf, blockersOf, hasLimits, type OpenUnits } from '../../../domain/flow/hold-back.js';
import { FULL } from '../../../domain/flow/token-bucket.js';
import type { Candidate } from '../../../domain/scheduler/draw.js';
import { claimSize, hasWork, suits, type Supply } from '../../../domain/scheduler/eligibility.js';
import type { Micros } from '../../../domain/time.js';
import type { SpecHead } from '../units/spec-head.js';

/** A place in the order of claimable units: rank as the database writes it, and name. */
export interface Place {
  readonly rank: string;
  readonly name: Buffer;
}

/** A work spec as a batch of claims sees it; the counts go on as units are reserved. */
export class SpecState implements Candidate, Supply {
  /** Whether it has no work and the next claim makes the unit that a continuous spec gives itself. */
  startsContinuous = false;
  /** The others of its namespace by their names, as they were when it was read: of one that may wait for them. */
  others: ((name: string) => OpenUnits | undefined) | undefined;
  /** How many have been set aside since. */
  private reserved = 0;

  constructor(
    readonly head: SpecHead,
    public available: number,
    public pending: number,
    /** Nothing is available before it. */
    public first: Place | undefined,
    readonly delayed = 0,
    /** When the bucket of its rate limit is full. */
    readonly fullAt: Micros = FULL,
  ) {}

  /** Whether its flow may keep units back. */
  get hasLimits(): boolean {
    return hasLimits(this.head.meta.flow);
  }

  /** How many units its flow lets be given out; Infinity: as many as one likes. */
  private allowance(now: Micros): number {
    const { flow } = this.head.meta;
    if (!hasLimits(flow)) return Infinity;
    const isBlocked = blockersOf(flow, (name) => this.others?.(name)).length > 0;
    return allowanceOf(flow, this.fullAt, isBlocked, now) - this.reserved;
  }

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
    return this.suits(request) && hasWork(this.head.meta, this, now, this.allowance(now));
  }

  /** Whether it comes into question for who asks so, if it has work. */
  suits(request: ClaimRequest): boolean {
    return suits(this.head.name, this.head.meta, request);
  }

  /** Sets units aside for a claim that asks for so many. @returns how many it gets, if they are there */
  reserve(asked: number, now: Micros): number {
    if (this.available === 0) {
      this.startsContinuous = true;
      this.available = 1;
    }
    const size = claimSize(this.head.meta, Math.min(asked, this.available), this, this.allowance(now));
    this.reserved += size;
    this.available -= size;
    this.pending += size;
    return size;
  }
}
