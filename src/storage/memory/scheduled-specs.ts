import { slotsDueAt, type SlotState } from '../../domain/flow/slot-rules.js';
import type { Micros } from '../../domain/time.js';

/** What has a schedule. */
export interface Scheduled {
  readonly definition: { readonly meta: { readonly slots: SlotState | undefined } };
}

/** The work specs of all namespaces that have a schedule, so that nobody has to look through the others. */
export class ScheduledSpecs<S extends Scheduled> {
  private readonly specs = new Set<S>();
  /** Is told when a schedule has come. */
  listener: (() => void) | undefined;

  add(spec: S): void {
    this.specs.add(spec);
  }

  /** One has another schedule than before. */
  changed(): void {
    this.listener?.();
  }

  remove(spec: S): void {
    this.specs.delete(spec);
  }

  /** Those of which something is due. */
  dueAt(now: Micros): S[] {
    return [...this.specs].filter((spec) => dueAtOf(spec) <= now);
  }

  /** When the next one is; Infinity: there are none. */
  nextDue(): Micros {
    let next = Infinity;
    for (const spec of this.specs) next = Math.min(next, dueAtOf(spec));
    return next;
  }
}

function dueAtOf({ definition }: Scheduled): Micros {
  const { slots } = definition.meta;
  return slots ? slotsDueAt(slots) : Infinity;
}
