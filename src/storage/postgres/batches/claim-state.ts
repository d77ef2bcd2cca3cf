import type { ClaimRequest } from '../../../domain/attempt.js';
import { CLAIM_STATE, CLAIM_STATE_ROW, LOCK_SPECS, WAIT_FOR_SPECS } from '../sql/specs.sql.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import { int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import type { ClaimHints } from './claim-hints.js';
import { SpecState } from './spec-state.js';
import type { UnitTransaction } from './unit-transaction.js';

/** How many bytes a transaction may give out at once for some claims: as many as the one of them that may have the least. */
export function mostBytes(jobs: readonly { readonly work: { readonly request: ClaimRequest } }[]): number {
  return jobs.reduce((most, { work: { request } }) => Math.min(most, request.maxBytes ?? Infinity), Infinity);
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
    statement(CLAIM_STATE, int8Column(namespaces), transaction.now, ...hints.columns(namespaces)),
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
  const heads = await directory.refresh(transaction.connection, versions);
  const specs: SpecState[] = [];
  for (const row of rows) {
    const id = row[CLAIM_STATE_ROW.specId];
    const head = id === null ? undefined : heads.get(Number(id));
    if (!head) continue;
    const rank = row[CLAIM_STATE_ROW.rank];
    const first = rank === null ? undefined : { rank, name: bytesOf(row[CLAIM_STATE_ROW.name]!) };
    if (isPure) hints.keep(head.namespaceId, head.id, Number(row[CLAIM_STATE_ROW.arrivals]), first);
    const { available, pending } = CLAIM_STATE_ROW;
    specs.push(new SpecState(head, Number(row[available]), Number(row[pending]), first));
  }
  if (isPure) keepStates(hints, present, specs);
  const locked = new Set(lock.length > 0 ? results[0].map(([id]) => Number(id)) : []);
  return { present, specs, due, locked };
}

function keepStates(hints: ClaimHints, present: Iterable<number>, specs: readonly SpecState[]): void {
  const byNamespace = new Map<number, SpecState[]>();
  for (const id of present) byNamespace.set(id, []);
  for (const spec of specs) byNamespace.get(spec.namespaceId)!.push(spec);
  for (const [id, all] of byNamespace)
    hints.keepState(
      id,
      all.sort((a, b) => a.id - b.id),
    );
}
