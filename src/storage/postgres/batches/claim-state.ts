import type { ClaimRequest } from '../../../domain/attempt.js';
import { CLAIM_STATE, CLAIM_STATE_ROW, LOCK_SPECS, WAIT_FOR_SPECS } from '../sql/specs.sql.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import { int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import type { Row } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import { fullAtOf } from '../units/spec-limits.js';
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
  const take = async (known: KnownSpecs, rows: readonly Row[]): Promise<void> => {
    const due = await bringUpToDate(known, rows, transaction, directory, exhausted);
    if (!due) {
      tools.known.forget(connection, known.namespaceId);
      return;
    }
    state.present.add(known.namespaceId);
    state.known.set(known.namespaceId, known);
    for (const id of due) state.due.push(id);
  };
  for (const known of many) await take(known, results.shift()!);
  if (others.length > 0) {
    for (const known of await readOthers(results[0], transaction, tools, isPure, state)) {
      const [rows] = await transaction.run([look(known, transaction)]);
      await take(known, rows);
    }
  }
  return state;
}

const byId = (one: SpecState, other: SpecState): number => one.id - other.id;

/** @returns those that turn out to have very many specs, which are to be read as such */
async function readOthers(
  rows: readonly Row[],
  transaction: UnitTransaction,
  { directory, hints, known }: { directory: SpecDirectory; hints: ClaimHints; known: KnownNamespaces },
  isPure: boolean,
  state: { present: Set<number>; specs: SpecState[]; due: number[] },
): Promise<KnownSpecs[]> {
  const { connection } = transaction;
  const sizes = new Map<number, number>();
  for (const row of rows) {
    const id = Number(row[CLAIM_STATE_ROW.namespaceId]);
    sizes.set(id, (sizes.get(id) ?? 0) + (row[CLAIM_STATE_ROW.specId] === null ? 0 : 1));
  }
  if (rows.length > 0) transaction.now = Number(rows[0][CLAIM_STATE_ROW.now]);
  const many = new Map<number, KnownSpecs>();
  for (const [id, size] of sizes) {
    const large = known.sees(connection, id, size);
    if (!large) continue;
    hints.forgetState(id);
    many.set(id, large);
  }
  const versions = new Map<number, number>();
  const few = many.size === 0 ? rows : rows.filter((row) => !many.has(Number(row[CLAIM_STATE_ROW.namespaceId])));
  for (const row of few) {
    const id = row[CLAIM_STATE_ROW.specId];
    if (id === null) continue;
    versions.set(Number(id), Number(row[CLAIM_STATE_ROW.version]));
    if (row[CLAIM_STATE_ROW.isDue] === 't') state.due.push(Number(id));
  }
  const heads = await directory.refresh(connection, versions);
  for (const row of few) {
    const id = row[CLAIM_STATE_ROW.specId];
    const head = id === null ? undefined : heads.get(Number(id));
    if (!head) continue;
    const rank = row[CLAIM_STATE_ROW.rank];
    const first = rank === null ? undefined : { rank, name: bytesOf(row[CLAIM_STATE_ROW.name]!) };
    if (isPure) hints.keep(head.namespaceId, head.id, Number(row[CLAIM_STATE_ROW.arrivals]), first);
    const { available, pending, delayed } = CLAIM_STATE_ROW;
    const counts = [Number(row[available]), Number(row[pending])] as const;
    const fullAt = fullAtOf(row[CLAIM_STATE_ROW.fullAt]);
    state.specs.push(new SpecState(head, ...counts, first, Number(row[delayed]), fullAt));
  }
  // The order in which the rows come is the planner's: what is drawn must not hang on it.
  state.specs.sort(byId);
  introduce(state.specs);
  const present = [...sizes.keys()].filter((id) => !many.has(id));
  for (const id of present) state.present.add(id);
  if (isPure) keepStates(hints, present, state.specs);
  return [...many.values()];
}

/** Lets those that wait for others see them. */
function introduce(specs: readonly SpecState[]): void {
  for (const spec of specs) {
    if (spec.head.meta.flow?.after === undefined) continue;
    const { namespaceId } = spec;
    spec.others = (name) => specs.find((one) => one.namespaceId === namespaceId && one.head.name === name);
  }
}

function keepStates(hints: ClaimHints, present: readonly number[], specs: readonly SpecState[]): void {
  const byNamespace = new Map<number, SpecState[]>(present.map((id) => [id, []]));
  for (const spec of specs) byNamespace.get(spec.namespaceId)!.push(spec);
  for (const [id, all] of byNamespace) {
    hints.keepState(id, all);
  }
}
