import type { ClaimRequest } from '../../../domain/attempt.js';
import type { Candidate } from '../../../domain/draw.js';
import type { Micros } from '../../../domain/time.js';
import { hasPassed } from '../../../domain/time.js';
import { CLAIM_STATE, CLAIM_STATE_ROW, LOCK_SPECS, WAIT_FOR_SPECS } from '../sql/specs.sql.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import type { SpecHead } from '../units/spec-head.js';
import { byteaColumn, float8Column, int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import type { UnitTransaction } from './unit-transaction.js';

/** How many bytes a transaction may give out at once for some claims: as many as the one of them that may have the least. */
export function mostBytes(jobs: readonly { readonly work: { readonly request: ClaimRequest } }[]): number {
  return jobs.reduce((most, { work: { request } }) => Math.min(most, request.maxBytes ?? Infinity), Infinity);
}

/** A place in the order of claimable units: rank as the database writes it, and name. */
export interface Place {
  readonly rank: string;
  readonly name: Buffer;
}

/**
 * Where the claimable units of each spec begin, as last seen, and the counter of arrivals then. While that stands still
 * nothing can have come before the place, so that a claim need not walk over what is left in the index of the units
 * claimed before. The database compares the counter itself: a hint can be useless, never wrong.
 */
export class ClaimHints {
  private readonly places = new Map<number, { readonly arrivals: number; readonly place: Place }>();

  /** All specs of each namespace, as last seen, in the order of their ids. */
  private readonly states = new Map<number, readonly SpecState[]>();

  of(workSpecId: number): { readonly arrivals: number; readonly place: Place } | undefined {
    return this.places.get(workSpecId);
  }

  stateOf(namespaceId: number): readonly SpecState[] | undefined {
    return this.states.get(namespaceId);
  }

  keepState(namespaceId: number, specs: readonly SpecState[]): void {
    this.states.set(namespaceId, specs);
  }

  forgetState(namespaceId: number): void {
    this.states.delete(namespaceId);
  }

  keep(workSpecId: number, arrivals: number, place: Place | undefined): void {
    if (place) this.places.set(workSpecId, { arrivals, place });
  }

  /** Parameters of CLAIM_STATE. */
  columns(): [Buffer, Buffer, Buffer, Buffer] {
    const hints = [...this.places];
    return [
      int8Column(hints.map(([id]) => id)),
      int8Column(hints.map(([, { arrivals }]) => arrivals)),
      float8Column(hints.map(([, { place }]) => Number(place.rank))),
      byteaColumn(hints.map(([, { place }]) => place.name)),
    ];
  }
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

/**
 * Reads what the draw looks at.
 * @param lock - ids of specs that nobody else may claim of from here to the end of the transaction; `isPatient` says whether
 * to wait for those that others hold
 * @param isPure - whether the transaction has written nothing yet, so that what it sees is what others see
 * @returns which of the namespaces are there, their specs, ids of specs with leases or delays that have run out, and which of
 * those to lock could be locked
 */
export async function readClaimState(
  transaction: UnitTransaction,
  { directory, hints }: { directory: SpecDirectory; hints: ClaimHints },
  namespaces: readonly number[],
  { ids: lock, isPatient }: { readonly ids: readonly number[]; readonly isPatient: boolean },
  isPure: boolean,
): Promise<{ present: Set<number>; specs: SpecState[]; due: number[]; locked: Set<number> }> {
  const results = await transaction.run([
    ...(lock.length > 0 ? [statement(isPatient ? WAIT_FOR_SPECS : LOCK_SPECS, int8Column(lock))] : []),
    statement(CLAIM_STATE, int8Column(namespaces), transaction.now, ...hints.columns()),
  ]);
  const rows = results.at(-1)!;
  const present = new Set<number>();
  const due: number[] = [];
  const versions = new Map<number, number>();
  for (const row of rows) {
    transaction.now = Number(row[CLAIM_STATE_ROW.now]);
    present.add(Number(row[CLAIM_STATE_ROW.namespaceId]));
    const id = row[CLAIM_STATE_ROW.specId];
    if (id === null) continue;
    versions.set(Number(id), Number(row[CLAIM_STATE_ROW.version]));
    if (row[CLAIM_STATE_ROW.isDue] === 't') due.push(Number(id));
  }
  await directory.refresh(transaction.connection, versions);
  const specs: SpecState[] = [];
  for (const row of rows) {
    const id = row[CLAIM_STATE_ROW.specId];
    const head = id === null ? undefined : directory.head(Number(id));
    if (!head) continue;
    const rank = row[CLAIM_STATE_ROW.rank];
    const first = rank === null ? undefined : { rank, name: bytesOf(row[CLAIM_STATE_ROW.name]!) };
    if (isPure) hints.keep(head.id, Number(row[CLAIM_STATE_ROW.arrivals]), first);
    const { available, pending } = CLAIM_STATE_ROW;
    specs.push(new SpecState(head, Number(row[available]), Number(row[pending]), first));
  }
  if (isPure) {
    for (const id of present) {
      const all = specs.filter(({ namespaceId }) => namespaceId === id);
      hints.keepState(
        id,
        all.sort((a, b) => a.id - b.id),
      );
    }
  }
  const locked = new Set(lock.length > 0 ? results[0].map(([id]) => Number(id)) : []);
  return { present, specs, due, locked };
}
