import type { Micros } from '../../../domain/time.js';
import type { WorkSpecMeta } from '../../../domain/work-spec.js';

/** Stands for whatever there is, in the place of the id of a work spec; a namespace is its id below zero. */
export const ANYTHING = 0;

/** Whether less of a work spec at work, or at hand, may let others have work of it. */
export function isFreed({ maxRunning, continuous }: Pick<WorkSpecMeta, 'maxRunning' | 'continuous'>): boolean {
  return maxRunning > 0 || continuous;
}

/** What a transaction does by which claims may be given something that they could not be given before. */
export class News {
  /** About how many units more, by the ids of work specs; below zero by those of namespaces, of whichever spec there. */
  readonly units = new Map<number, number>();
  /** How long it takes from the transaction on until something of it runs out or falls due. */
  dueIn: Micros = Infinity;
  /** Work specs that others wait for, of which less is left to be done. */
  readonly lessened = new Set<number>();
  /** Those that the transaction tells of itself. */
  readonly told = new Set<number>();

  get isEmpty(): boolean {
    return this.units.size === 0 && this.dueIn === Infinity && this.lessened.size === 0;
  }

  add(id: number, units: number): this {
    this.units.set(id, (this.units.get(id) ?? 0) + units);
    return this;
  }

  /** Something of a namespace has changed by which units that are there may be given out. */
  static of(namespaceId: number): News {
    return new News().add(-namespaceId, 1);
  }
}
