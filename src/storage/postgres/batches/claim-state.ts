import type { ClaimRequest } from '../../../domain/attempt.js';
import { CLAIM_STATE, CLAIM_STATE_ROW, LOCK_SPECS, WAIT_FOR_SPECS } from '../sql/specs.sql.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import { int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import type { Connection } from '../wire/connection.js';
import type { Row } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import type { ClaimHints } from './claim-hints.js';
import type { KnownSpecs } from './known-specs.js';
import type { KnownNamespaces } from './known-state.js';
import { bringUpToDate, look } from './known-state.js';
import { SpecState } from './spec-state.js';
import type { UnitTransaction } from './unit-transaction.js';

/** How many bytes a transaction may give out at once for some claims: as many as the one of them that may have the least. */
export function mostBytes(jobs: readonly { readonly work: { readonly request: ClaimRequest } }[]): number {
  return jobs.reduce((most, { work: { request } }) => Math.min(most, request.maxBytes ?? Infinity), Infinity);
}

/** What a look shows before claims are drawn. */
export interface ClaimState {
  /** Which of the namespaces are there. */
  readonly present: ReadonlySet<number>;
  /** The specs of those that have few enough to read all of them. */
  readonly specs: readonly SpecState[];
  /** What is known of the specs of the others, which have very many. */
  readonly known: ReadonlyMap<number, KnownSpecs>;
  /** Ids of specs with leases or delays that have run out. */
  readonly due: readonly number[];
  /** Which of those to lock could be locked. */
  readonly locked: ReadonlySet<number>;
}

/** What a look is to do besides. */
export interface Looking {
  /** Ids of specs that nobody else may claim of from here to the end of the transaction. */
  readonly lock: readonly number[];
  /** Whether to wait for those that others hold. */
  readonly isPatient: boolean;
  /** Whether the transaction has written nothing yet, so that what it sees is what others see. */
  readonly isPure: boolean;
  /** Specs that are not to be drawn. */
  readonly exhausted: ReadonlySet<number>;
}

/** Reads what the draw looks at. */
export async function readClaimState(
  transaction: UnitTransaction,
  tools: { directory: SpecDirectory; hints: ClaimHints; known: KnownNamespaces },
  namespaces: readonly number[],
  { lock, isPatient, isPure, exhausted }: Looking,
): Promise<ClaimState> {
  const { directory, hints } = tools;
  const { connection } = transaction;
  const many = namespaces.flatMap((id) => tools.known.of(connection, id) ?? []);
  const others = many.length === 0 ? namespaces : namespaces.filter((id) => !tools.known.of(connection, id));
  const results = await transaction.run([
    ...(lock.length > 0 ? [statement(isPatient ? WAIT_FOR_SPECS : LOCK_SPECS, int8Column(lock))] : []),
    ...many.map((known) => look(known, transaction)),
    ...(others.length > 0
      ? [statement(CLAIM_STATE, int8Column(others), transaction.now, ...hints.columns(others))]
      : []),
  ]);
  const locked = new Set(lock.length > 0 ? results.shift()!.map(([id]) => Number(id)) : []);
  const state = {
    present: new Set<number>(),
    specs: [] as SpecState[],
    known: new Map<number, KnownSpecs>(),
    due: [] as number[],
    locked,
  };
  for (const known of many) {
    const due = await bringUpToDate(known, results.shift()!, transaction, directory, exhausted);
    if (!due) {
      tools.known.forget(connection, known.namespaceId);
      continue;
    }
    state.present.add(known.namespaceId);
    state.known.set(known.namespaceId, known);
    state.due.push(...due);
  }
  if (others.length > 0) await readOthers(results[0], transaction, tools, isPure, state);
  return state;
}

async function readOthers(
  rows: readonly Row[],
  transaction: UnitTransaction,
  { directory, hints, known }: { directory: SpecDirectory; hints: ClaimHints; known: KnownNamespaces },
  isPure: boolean,
  state: { present: Set<number>; specs: SpecState[]; due: number[] },
): Promise<void> {
  const present = new Set<number>();
  const versions = new Map<number, number>();
  for (const row of rows) {
    transaction.now = Number(row[CLAIM_STATE_ROW.now]);
    present.add(Number(row[CLAIM_STATE_ROW.namespaceId]));
    const id = row[CLAIM_STATE_ROW.specId];
    if (id === null) continue;
    versions.set(Number(id), Number(row[CLAIM_STATE_ROW.version]));
    if (row[CLAIM_STATE_ROW.isDue] === 't') state.due.push(Number(id));
  }
  const heads = await directory.refresh(transaction.connection, versions);
  for (const row of rows) {
    const id = row[CLAIM_STATE_ROW.specId];
    const head = id === null ? undefined : heads.get(Number(id));
    if (!head) continue;
    const rank = row[CLAIM_STATE_ROW.rank];
    const first = rank === null ? undefined : { rank, name: bytesOf(row[CLAIM_STATE_ROW.name]!) };
    if (isPure) hints.keep(head.namespaceId, head.id, Number(row[CLAIM_STATE_ROW.arrivals]), first);
    const { available, pending } = CLAIM_STATE_ROW;
    state.specs.push(new SpecState(head, Number(row[available]), Number(row[pending]), first));
  }
  for (const id of present) state.present.add(id);
  if (isPure) keepStates({ hints, known, connection: transaction.connection }, present, state.specs);
}

function keepStates(
  { hints, known, connection }: { hints: ClaimHints; known: KnownNamespaces; connection: Connection },
  present: Iterable<number>,
  specs: readonly SpecState[],
): void {
  const byNamespace = new Map<number, SpecState[]>();
  for (const id of present) byNamespace.set(id, []);
  for (const spec of specs) byNamespace.get(spec.namespaceId)!.push(spec);
  for (const [id, all] of byNamespace) {
    if (known.sees(connection, id, all.length)) hints.forgetState(id);
    else
      hints.keepState(
        id,
        all.sort((a, b) => a.id - b.id),
      );
  }
}
