import { createHash } from 'node:crypto';
import type { LockHolder, LockPath } from '../../domain/lock.js';
import type { Micros } from '../../domain/time.js';
import { LockRepository } from '../../locks/lock.repository.js';
import { holdNamespace, lockNamespace } from './namespaces.js';
import type { PostgresStore } from './postgres-store.js';
import { DROP_LOCKS, FIND_CONFLICT, LOCK_HOLDERS, RELEASE_LOCKS, TAKE_LOCK } from './sql/locks.sql.js';
import { byteaColumn } from './wire/columns.js';
import type { Run } from './wire/connection-pool.js';
import type { Row } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { textOfRow, textParameter } from './wire/values.js';

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
    try {
      await this.store.pool.transaction(async (run) => {
        const { namespaceId, now } = await begin(run, namespace);
        for (const path of paths) {
          if (!(await take(run, namespaceId, path, locker, now, now + timeout))) throw new NotLockable(path);
        }
      });
    } catch (error) {
      if (error instanceof NotLockable) return error.path;
      throw error;
    }
    return undefined;
  }

  override lockSome(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Promise<boolean[]> {
    return this.store.pool.transaction(async (run) => {
      const { namespaceId, now } = await begin(run, namespace);
      const taken: boolean[] = [];
      for (const path of paths) taken.push(await take(run, namespaceId, path, locker, now, now + timeout));
      return taken;
    });
  }

  override renew(
    namespace: string,
    locker: string,
    timeout: Micros,
    paths: readonly LockPath[],
  ): Promise<LockHolder | undefined> {
    return this.store.pool.transaction(async (run) => {
      const { namespaceId } = await begin(run, namespace);
      const { now, other } = await heldByAnother(run, namespace, locker, paths);
      if (other) return other;
      for (const path of paths) await keep(run, namespaceId, path, locker, now + timeout);
      return undefined;
    });
  }

  override async read(namespace: string, paths: readonly LockPath[]): Promise<(string | undefined)[]> {
    const holders = readHolders(await this.store.pool.query(holdersOf(namespace, paths)));
    return paths.map((path) => holders.get(hexKey(path)));
  }

  override unlock(namespace: string, locker: string, paths: readonly LockPath[]): Promise<LockHolder | undefined> {
    return this.store.pool.transaction(async (run) => {
      const { namespaceId } = await begin(run, namespace);
      const { other } = await heldByAnother(run, namespace, locker, paths);
      if (!other) await run(statement(RELEASE_LOCKS, namespaceId, byteaColumn(paths.map(keyOf))));
      return other;
    });
  }

  override async drop(namespace: string, prefix: LockPath): Promise<void> {
    await this.store.pool.transaction(async (run) => {
      await holdNamespace(run, namespace);
      await run(statement(DROP_LOCKS, textParameter(namespace), keyOf(prefix)));
    });
  }
}

class NotLockable extends Error {
  constructor(readonly path: LockPath) {
    super('not lockable');
  }
}

/** Keeps other transactions from the locks of a namespace, and reads the clock. */
async function begin(run: Run, namespace: string): Promise<{ namespaceId: number; now: Micros }> {
  const namespaceId = await lockNamespace(run, namespace);
  const [[[now]]] = await run(holdersOf(namespace, []));
  return { namespaceId, now: Number(now) };
}

/** @returns whether the path could be locked */
async function take(
  run: Run,
  namespaceId: number,
  path: LockPath,
  locker: string,
  now: Micros,
  until: Micros,
): Promise<boolean> {
  const [conflicts] = await run(statement(FIND_CONFLICT, namespaceId, now, keyOf(path), byteaColumn(prefixesOf(path))));
  if (conflicts.length > 0) return false;
  await keep(run, namespaceId, path, locker, until);
  return true;
}

async function keep(run: Run, namespaceId: number, path: LockPath, locker: string, until: Micros): Promise<void> {
  const prefixes = byteaColumn(prefixesOf(path));
  await run(statement(TAKE_LOCK, namespaceId, keyOf(path), prefixes, textParameter(locker), until));
}

/** The first path that the locker does not hold. */
async function heldByAnother(
  run: Run,
  namespace: string,
  locker: string,
  paths: readonly LockPath[],
): Promise<{ now: Micros; other: LockHolder | undefined }> {
  const [rows] = await run(holdersOf(namespace, paths));
  const holders = readHolders(rows);
  const path = paths.find((each) => holders.get(hexKey(each)) !== locker);
  return { now: Number(rows[0][0]), other: path && { path, holder: holders.get(hexKey(path)) } };
}

function holdersOf(namespace: string, paths: readonly LockPath[]) {
  return statement(LOCK_HOLDERS, textParameter(namespace), byteaColumn(paths.map(keyOf)));
}

/** Lockers by the paths they hold. */
function readHolders(rows: readonly Row[]): Map<string, string> {
  return new Map(rows.flatMap(([, path, locker]) => (path === null ? [] : [[path, textOfRow(locker!)]])));
}

/** A path as a key of one size, however long it is; paths of different parts have different keys. */
function keyOf(path: LockPath): Buffer {
  return path.reduce(below, ROOT);
}

const ROOT: Buffer<ArrayBuffer> = createHash('sha256').digest();

function below(key: Buffer, part: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(key).update(part, 'latin1').digest();
}

/** As the database writes it. */
function hexKey(path: LockPath): string {
  return `\\x${keyOf(path).toString('hex')}`;
}

/** The keys of a path and all above it. */
function prefixesOf(path: LockPath): Buffer[] {
  const keys = [ROOT];
  for (const part of path) keys.push(below(keys.at(-1)!, part));
  return keys;
}
