import type { LockHolder, LockPath } from '../../domain/lock.js';
import type { Micros } from '../../domain/time.js';
import { LockRepository } from '../../locks/lock.repository.js';
import { keysOf, LockKeys, TakenPaths } from './locks/lock-keys.js';
import { holdNamespace, lockNamespace } from './units/namespaces.js';
import type { PostgresStore } from './postgres-store.js';
import {
  ALLOW_PREFIXES,
  DROP_LOCKS,
  FIND_CONFLICTS,
  LOCK_HOLDERS,
  NEED_LOCKS,
  NEED_LOCKS_BELOW,
  RELEASE_LOCKS,
  TAKE_LOCKS,
} from './sql/locks.sql.js';
import { byteaColumn } from './wire/columns.js';
import { lockedThing, locksThing } from './units/things.js';
import type { Run } from './wire/connection-pool.js';
import { wanting, type Wishes } from './wire/held-things.js';
import type { Row } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { textOfRow, textParameter } from './wire/values.js';

/** Paths that one statement takes or looks for: some ten milliseconds. */
const CHUNK = 5000;

/** Locks are few and short-lived; those of a namespace are taken by one transaction at a time. */
export class PostgresLockRepository extends LockRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async lock(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Promise<LockPath | undefined> {
    const keys = await keysOf(paths);
    return this.store.pool.transaction(async (run) => {
      const { namespaceId, now } = await begin(run, namespace);
      const lockable = await findLockable(run, namespaceId, now, keys);
      const refused = lockable.indexOf(false);
      if (refused >= 0) return paths[refused];
      await take(run, { namespace, namespaceId, keys, locker, until: now + timeout });
      return undefined;
    }, inTurn(namespace));
  }

  override async lockSome(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Promise<boolean[]> {
    const keys = await keysOf(paths);
    return this.store.pool.transaction(async (run) => {
      const { namespaceId, now } = await begin(run, namespace);
      const lockable = await findLockable(run, namespaceId, now, keys);
      const some = keys.filter((_, i) => lockable[i]);
      await take(run, { namespace, namespaceId, keys: some, locker, until: now + timeout });
      return lockable;
    }, inTurn(namespace));
  }

  override async renew(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Promise<LockHolder | undefined> {
    const keys = await keysOf(paths);
    return this.store.pool.transaction(async (run) => {
      const { namespaceId } = await begin(run, namespace);
      const { now, other } = await heldByAnother(run, namespace, locker, keys);
      if (other) return other;
      const distinct = new Map(keys.map((each) => [each.own, each]));
      await take(run, { namespace, namespaceId, keys: [...distinct.values()], locker, until: now + timeout });
      return undefined;
    }, inTurn(namespace));
  }

  override async read(namespace: string, paths: readonly LockPath[]): Promise<(string | undefined)[]> {
    const keys = await keysOf(paths);
    const holders = readHolders(await this.store.pool.query(holdersOf(namespace, keys)));
    return keys.map(({ own }) => holders.get(own));
  }

  override async unlock(
    namespace: string,
    locker: string,
    paths: readonly LockPath[],
  ): Promise<LockHolder | undefined> {
    const keys = await keysOf(paths);
    return this.store.pool.transaction(async (run) => {
      const { namespaceId } = await begin(run, namespace);
      const { other } = await heldByAnother(run, namespace, locker, keys);
      if (other) return other;
      const paths = byteaColumn(keys.map(({ ownBytes }) => ownBytes));
      await wanting(lockedThing(namespace), () =>
        run(statement(NEED_LOCKS, namespaceId, paths), statement(RELEASE_LOCKS, namespaceId, paths)),
      );
      return undefined;
    }, inTurn(namespace));
  }

  override async drop(namespace: string, prefix: LockPath): Promise<void> {
    await this.store.pool.transaction(async (run) => {
      await holdNamespace(run, namespace);
      const which = [textParameter(namespace), new LockKeys(prefix).ownBytes];
      await wanting(lockedThing(namespace), () =>
        run(statement(ALLOW_PREFIXES), statement(NEED_LOCKS_BELOW, ...which), statement(DROP_LOCKS, ...which)),
      );
    }, inTurn(namespace));
  }
}

/** While one call about the locks of a namespace is carried out, the others take no connection. */
function inTurn(namespace: string): Wishes {
  return { locks: [locksThing(namespace)], inTurn: true };
}

/** Keeps other transactions from the locks of a namespace, and reads the clock. */
async function begin(run: Run, namespace: string): Promise<{ namespaceId: number; now: Micros }> {
  const namespaceId = await lockNamespace(run, namespace);
  const [[[now]]] = await run(holdersOf(namespace, []));
  return { namespaceId, now: Number(now) };
}

/** Which paths could be locked one after another. */
async function findLockable(run: Run, namespaceId: number, now: Micros, keys: readonly LockKeys[]): Promise<boolean[]> {
  const refused = new Set<LockKeys>();
  for (let at = 0; at < keys.length; at += CHUNK) {
    const chunk = keys.slice(at, at + CHUNK);
    const column = byteaColumn(chunk.map(({ all }) => all));
    const [, conflicts] = await run(statement(ALLOW_PREFIXES), statement(FIND_CONFLICTS, namespaceId, now, column));
    for (const [ordinal] of conflicts) refused.add(chunk[Number(ordinal) - 1]);
  }
  const taken = new TakenPaths();
  return keys.map((each) => !refused.has(each) && taken.take(each));
}

/** Paths that somebody may lock. */
interface Taking {
  readonly namespace: string;
  readonly namespaceId: number;
  readonly keys: readonly LockKeys[];
  readonly locker: string;
  readonly until: Micros;
}

async function take(run: Run, { namespace, namespaceId, keys, locker, until }: Taking): Promise<void> {
  for (let at = 0; at < keys.length; at += CHUNK) {
    const some = keys.slice(at, at + CHUNK);
    const all = byteaColumn(some.map(({ all }) => all));
    const paths = byteaColumn(some.map(({ ownBytes }) => ownBytes));
    await wanting(lockedThing(namespace), () =>
      run(
        statement(NEED_LOCKS, namespaceId, paths),
        statement(TAKE_LOCKS, namespaceId, all, textParameter(locker), until),
      ),
    );
  }
}

/** The first path that the locker does not hold. */
async function heldByAnother(
  run: Run,
  namespace: string,
  locker: string,
  keys: readonly LockKeys[],
): Promise<{ now: Micros; other: LockHolder | undefined }> {
  const [rows] = await run(holdersOf(namespace, keys));
  const holders = readHolders(rows);
  const first = keys.find(({ own }) => holders.get(own) !== locker);
  return { now: Number(rows[0][0]), other: first && { path: first.path, holder: holders.get(first.own) } };
}

function holdersOf(namespace: string, keys: readonly LockKeys[]) {
  return statement(LOCK_HOLDERS, textParameter(namespace), byteaColumn(keys.map(({ ownBytes }) => ownBytes)));
}

/** Lockers by the paths they hold. */
function readHolders(rows: readonly Row[]): Map<string, string> {
  return new Map(rows.flatMap(([, path, locker]) => (path === null ? [] : [[path.slice(2), textOfRow(locker!)]])));
}
