import { byteaColumn, float8Column, int8Column } from '../wire/columns.js';
import { Recent } from '../units/recent.js';
import type { Place, SpecState } from './spec-state.js';

/** So many specs are remembered, in the namespaces that were claimed of last. */
const MOST_SPECS = 50_000;
/** So many hints are given to one look, each of which the database compares with each spec: those of the last claims. */
const MOST_GIVEN = 256;

/** The first claimable unit of a spec as last seen, and the counter of arrivals then. */
export interface ClaimHint {
  readonly arrivals: number;
  readonly place: Place;
}

/**
 * Where the claimable units of each spec begin, as last seen, and the counter of arrivals then. While that stands still
 * nothing can have come before the place, so that a claim need not walk over what is left in the index of the units
 * claimed before. The database compares the counter itself: a hint can be useless, never wrong.
 */
export class ClaimHints {
  /** By namespace, then by spec: those first that were claimed of longest ago. */
  private readonly places: Recent<number, Map<number, ClaimHint>>;
  /** All specs of each namespace, as last seen, in the order of their ids. */
  private readonly states: Recent<number, readonly SpecState[]>;

  constructor(most = MOST_SPECS) {
    // What a namespace has is counted when it is looked at, and between two looks its specs are the same.
    this.places = new Recent(most);
    this.states = new Recent(
      most,
      (specs) => 1 + specs.length,
      (id) => this.places.delete(id),
    );
  }

  /** How many specs are remembered. */
  get size(): number {
    let size = 0;
    for (const places of this.places.values()) size += places.size;
    let specs = 0;
    for (const { length } of this.states.values()) specs += length;
    return Math.max(size, specs);
  }

  of(namespaceId: number, workSpecId: number): ClaimHint | undefined {
    return this.places.get(namespaceId)?.get(workSpecId);
  }

  stateOf(namespaceId: number): readonly SpecState[] | undefined {
    return this.states.get(namespaceId);
  }

  /** What a look has shown that reads all specs of a namespace. Hints of others are of specs that are gone. */
  keepState(namespaceId: number, specs: readonly SpecState[]): void {
    const places = this.places.get(namespaceId);
    if (places) {
      const there = new Set(specs.map(({ id }) => id));
      for (const id of places.keys()) if (!there.has(id)) places.delete(id);
    }
    this.states.set(namespaceId, specs);
  }

  forgetState(namespaceId: number): void {
    this.states.delete(namespaceId);
  }

  keep(namespaceId: number, workSpecId: number, arrivals: number, place: Place | undefined): void {
    if (!place) return;
    let places = this.places.get(namespaceId);
    if (!places) this.places.set(namespaceId, (places = new Map<number, ClaimHint>()));
    places.delete(workSpecId);
    places.set(workSpecId, { arrivals, place });
  }

  /** Parameters of CLAIM_STATE. */
  columns(namespaces: readonly number[]): [Buffer, Buffer, Buffer, Buffer] {
    const hints = namespaces.flatMap((id) => [...(this.places.get(id) ?? [])].slice(-MOST_GIVEN)).slice(-MOST_GIVEN);
    return [
      int8Column(hints.map(([id]) => id)),
      int8Column(hints.map(([, { arrivals }]) => arrivals)),
      float8Column(hints.map(([, { place }]) => Number(place.rank))),
      byteaColumn(hints.map(([, { place }]) => place.name)),
    ];
  }
}
