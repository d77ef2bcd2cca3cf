import { Slices } from '../../../timing/slices.js';
import { CHANGED_STATE, NOTE_CHANGES, STATE_ROW, WHOLE_STATE } from '../sql/changes.sql.js';
import { Recent } from '../units/recent.js';
import type { SpecDirectory } from '../units/spec-directory.js';
import { int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { bytesOf } from '../wire/values.js';
import { fullAtOf } from '../units/spec-limits.js';
import { PooledSpec } from './known-pool.js';
import { KnownSpecs } from './known-specs.js';
import type { UnitTransaction } from './unit-transaction.js';

/** Namespaces of more specs than that are read by what has changed in them. */
const MANY_SPECS = 200;
/** Of so many specs a connection remembers what it saw. */
const MOST = 200_000;

/** What each connection that claims knows of namespaces of very many specs. It goes with the connection. */
export class KnownNamespaces {
  private readonly byConnection = new WeakMap<Connection, Recent<number, KnownSpecs>>();

  constructor(private readonly many = MANY_SPECS) {}

  of(connection: Connection, namespaceId: number): KnownSpecs | undefined {
    return this.byConnection.get(connection)?.get(namespaceId);
  }

  /** To be told how many specs a look has shown. @returns what they are to be known by, where they are very many */
  sees(connection: Connection, namespaceId: number, specs: number): KnownSpecs | undefined {
    if (specs <= this.many) return undefined;
    let known = this.byConnection.get(connection);
    if (!known) this.byConnection.set(connection, (known = new Recent(MOST, ({ weight }) => weight)));
    const seen = new KnownSpecs(namespaceId, specs);
    known.set(namespaceId, seen);
    return seen;
  }

  forget(connection: Connection, namespaceId: number): void {
    this.byConnection.get(connection)?.delete(namespaceId);
  }

  /** Has changes noted in those of some namespaces in which they are not yet. Before a transaction. */
  async note(connection: Connection, namespaces: Iterable<number>): Promise<void> {
    if (!this.byConnection.has(connection)) return;
    const ids = [...new Set(namespaces)].filter((id) => {
      const known = this.of(connection, id);
      return known && known.notedFrom === undefined;
    });
    if (ids.length > 0) await connection.runAlone(statement(NOTE_CHANGES, int8Column(ids)));
  }
}

/** The statement that looks at what has changed, or at everything where that can't be told. */
export function look(known: KnownSpecs, transaction: UnitTransaction): Statement {
  const { namespaceId, base } = known;
  const hints = known.hintColumns();
  return base
    ? statement(
        CHANGED_STATE,
        namespaceId,
        transaction.now,
        ...hints,
        base.snapshot,
        base.started,
        int8Column([...known.touched]),
      )
    : statement(WHOLE_STATE, namespaceId, transaction.now, ...hints);
}

/**
 * Brings what is known up to date.
 * @param first - what `look` has shown in this transaction
 * @param exhausted - specs that are not to be drawn in it
 * @returns ids of specs with leases or delays that have run out; undefined where the namespace is gone
 */
export async function bringUpToDate(
  known: KnownSpecs,
  first: readonly Row[],
  transaction: UnitTransaction,
  directory: SpecDirectory,
  exhausted: ReadonlySet<number>,
): Promise<number[] | undefined> {
  const read = new Set<number>();
  for (let rows = first; ; [rows] = await transaction.run([look(known, transaction)])) {
    if (rows.length === 0) return undefined;
    if (known.base && !isBasedOn(known, rows[0])) {
      known.base = undefined;
      continue;
    }
    if (!known.base) known.clear();
    await apply(known, rows, { transaction, directory, exhausted, read });
    const due = known.due(transaction.now);
    // What was seen to run out before may have changed since without being noted as this connection's own.
    const unread = due.filter((id) => !read.has(id));
    if (unread.length === 0 || !known.base) return due;
    for (const id of unread) known.touched.add(id);
  }
}

function isBasedOn({ base }: KnownSpecs, row: Row): boolean {
  const from = row[STATE_ROW.changesFrom];
  return from !== null && BigInt(from) <= BigInt(xminOf(base!.snapshot)) && row[STATE_ROW.started] === base!.started;
}

interface Applying {
  readonly transaction: UnitTransaction;
  readonly directory: SpecDirectory;
  readonly exhausted: ReadonlySet<number>;
  readonly read: Set<number>;
}

async function apply(
  known: KnownSpecs,
  rows: readonly Row[],
  { transaction, directory, exhausted, read }: Applying,
): Promise<void> {
  const [first] = rows;
  transaction.now = Number(first[STATE_ROW.now]);
  // What this transaction has changed itself, or may have, is seen by it, and not by others before it has committed.
  const isPure = first[STATE_ROW.isPure] === 't';
  const heads = await headsOf(known, rows, transaction.connection, directory);
  // A first look shows all of them. Nobody else comes by here meanwhile: a connection does one thing at a time.
  const slices = new Slices();
  for (const row of rows) {
    if (slices.isOver()) await slices.next();
    if (row[STATE_ROW.specId] === null) continue;
    const id = Number(row[STATE_ROW.specId]);
    const head = heads.get(id);
    read.add(id);
    if (isPure && !exhausted.has(id)) known.touched.delete(id);
    else known.touched.add(id);
    if (!head) {
      known.remove(id);
      continue;
    }
    const { rank, name, available, pending, delayed, dueAt, arrivals } = STATE_ROW;
    const place = row[rank] === null ? undefined : { rank: row[rank], name: bytesOf(row[name]!) };
    if (isPure && place) known.keepPlace(id, Number(row[arrivals]), place);
    const due = row[dueAt] === null ? Infinity : Number(row[dueAt]);
    const counts = [Number(row[available]), Number(row[pending])] as const;
    const fullAt = fullAtOf(row[STATE_ROW.fullAt]);
    known.put(new PooledSpec(head, ...counts, place, due, Number(row[delayed]), fullAt), !exhausted.has(id));
  }
  if (isPure) moveBase(known, first);
}

/** The heads of those that are still there, in the versions that were seen. */
async function headsOf(
  known: KnownSpecs,
  rows: readonly Row[],
  connection: Connection,
  directory: SpecDirectory,
): Promise<Map<number, PooledSpec['head']>> {
  const heads = new Map<number, PooledSpec['head']>();
  const versions = new Map<number, number>();
  const slices = new Slices();
  for (const row of rows) {
    if (slices.isOver()) await slices.next();
    if (row[STATE_ROW.version] === null) continue;
    const id = Number(row[STATE_ROW.specId]);
    const version = Number(row[STATE_ROW.version]);
    const head = known.get(id)?.head;
    if (head?.version === version) heads.set(id, head);
    else versions.set(id, version);
  }
  if (versions.size === 0) return heads;
  for (const [id, head] of await directory.refresh(connection, versions)) heads.set(id, head);
  return heads;
}

/** What is known becomes what was seen in this snapshot, if what has changed since can be told later. */
function moveBase(known: KnownSpecs, row: Row): void {
  const snapshot = row[STATE_ROW.snapshot]!;
  const [xmin, xmax] = snapshot.split(':');
  if (row[STATE_ROW.changesFrom] === null) known.notedFrom = undefined;
  // Transactions before this moment may have begun before changes were noted, and note nothing.
  else known.notedFrom ??= BigInt(xmax);
  const isSure = known.notedFrom !== undefined && BigInt(xmin) >= known.notedFrom;
  known.base = isSure ? { snapshot, started: row[STATE_ROW.started]! } : undefined;
}

function xminOf(snapshot: string): string {
  return snapshot.slice(0, snapshot.indexOf(':'));
}
