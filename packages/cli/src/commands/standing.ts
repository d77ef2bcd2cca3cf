import type { NamespaceOverview, SpecStanding, WorkSpecOverview } from 'coordinate-client';
import { standingOf } from 'coordinate-client';
import type { Column } from '../output/table.js';

/** How a work spec stands: what is known of it, and what that comes to. */
export type Standing = WorkSpecOverview & SpecStanding;

/** What stands behind the name of a work spec. */
export const STATE: Column<{ readonly state?: string }> = { title: 'state', value: ({ state }) => state };

/** What stands at the end of its row, as it may be long. */
export const CAUSES: readonly Column<{ readonly nextSlot?: Date; readonly why: string }>[] = [
  { title: 'next slot', value: ({ nextSlot }) => nextSlot && `${nextSlot.toISOString().slice(0, 19)}Z` },
  { title: 'why', value: ({ why }) => why },
];

/** All work specs of an overview, by the clock of the daemon that it is of. */
export function standingsOf({ time, specs }: NamespaceOverview): Standing[] {
  return specs.map((spec) => ({ ...spec, ...standingOf(spec, time, specs) }));
}
