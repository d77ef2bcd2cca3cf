import type { PostgresStore } from '../postgres-store.js';
import { rowOfSpec } from '../postgres-store.js';
import type { Row, Statement } from '../wire/statement.js';

/** Where rows say of which work spec they are, and whether leases or delays of it have run out by then that have yet to take effect. */
interface Places {
  readonly now: number;
  readonly specId: number;
  readonly isDue: number;
}

/** While leases run out faster than they are settled, what is a moment old has to do. */
const ROUNDS = 5;

/**
 * What a question about a work spec returns once all that has run out has taken effect.
 * @returns the rows, and whether it has: what another session keeps locked is as it was
 * @throws NoSuchWorkSpecError where there is no row
 */
export async function settledRows(
  store: PostgresStore,
  namespace: string,
  workSpec: string,
  asked: Statement,
  at: Places,
): Promise<{ readonly rows: readonly Row[]; readonly isSettled: boolean }> {
  for (let round = 1; ; round++) {
    const rows = await store.pool.query(asked);
    const first = rowOfSpec(rows, workSpec);
    const isSettled = first[at.isDue] !== 't';
    if (isSettled || round >= ROUNDS) return { rows, isSettled };
    const isDone = await store.settlement.settle(
      [{ id: Number(first[at.specId]), namespace, workSpec }],
      Number(first[at.now]),
    );
    if (!isDone) round = ROUNDS - 1;
  }
}
