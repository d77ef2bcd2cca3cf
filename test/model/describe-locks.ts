import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LockPath } from '../../src/domain/lock.js';
import type { BackendHarness, OpenBackend } from '../contract/harness.js';
import type { Effort } from './describe-model.js';

const START = 1_700_000_000_000_000;
const NAMESPACE = 'n';

/** Locks as a list: a path is locked while an entry of it is there that has not timed out. */
class RefLocks {
  private held: { path: LockPath; locker: string; until: number }[] = [];

  settle(now: number): void {
    this.held = this.held.filter(({ until }) => now < until);
  }

  holder(path: LockPath): string | undefined {
    return this.held.find((lock) => isSame(lock.path, path))?.locker;
  }

  lock(locker: string, until: number, paths: readonly LockPath[]): LockPath | undefined {
    for (const [index, path] of paths.entries()) {
      const others = [...this.held.map((lock) => lock.path), ...paths.slice(0, index)];
      if (others.some((other) => begins(other, path) || begins(path, other))) return path;
    }
    this.held.push(...paths.map((path) => ({ path, locker, until })));
    return undefined;
  }

  notHeldBy(locker: string, paths: readonly LockPath[]): { path: LockPath; holder: string | undefined } | undefined {
    const path = paths.find((one) => this.holder(one) !== locker);
    return path && { path, holder: this.holder(path) };
  }

  extend(paths: readonly LockPath[], until: number): void {
    for (const lock of this.held) if (paths.some((path) => isSame(path, lock.path))) lock.until = until;
  }

  remove(gone: (path: LockPath) => boolean): void {
    this.held = this.held.filter(({ path }) => !gone(path));
  }
}

/** Whether a path begins with a prefix; any does with the empty one. */
function begins(path: LockPath, prefix: LockPath): boolean {
  return prefix.length <= path.length && prefix.every((part, index) => path[index] === part);
}

function isSame(a: LockPath, b: LockPath): boolean {
  return a.length === b.length && begins(a, b);
}

type Operation =
  | { do: 'lock' | 'lock some' | 'renew'; locker: string; timeout: number; paths: LockPath[] }
  | { do: 'unlock'; locker: string; paths: LockPath[] }
  | { do: 'drop'; prefix: LockPath }
  | { do: 'wait'; span: number };

const path: fc.Arbitrary<LockPath> = fc.array(fc.constantFrom('a', 'b', ''), { maxLength: 3 });
const paths = fc.array(path, { maxLength: 3 });
const locker = fc.constantFrom('x', 'y');
const timeout = fc.integer({ min: 1, max: 5 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('lock', 'lock some', 'renew'), locker, timeout, paths }) },
  fc.record({ do: fc.constant('unlock' as const), locker, paths }),
  fc.record({ do: fc.constant('drop' as const), prefix: path }),
  fc.record({ do: fc.constant('wait' as const), span: fc.nat(3) }),
);

/** As describeModel, for locks. */
export function describeLockModel(harness: BackendHarness, { runs, length, seed }: Effort): void {
  describe.skipIf(harness.lacks.locks !== undefined)(`any history of locks: ${harness.name}`, () => {
    let backend: OpenBackend;
    beforeAll(async () => {
      backend = await harness.open();
    });
    afterAll(() => backend?.close());

    /** Does an operation to both, and compares what they answer. */
    async function act(operation: Operation, reference: RefLocks, now: number): Promise<void> {
      const { locks } = backend.repositories;
      switch (operation.do) {
        case 'lock': {
          const answer = await locks.lock(NAMESPACE, operation.locker, operation.timeout, operation.paths);
          expect(answer).toEqual(reference.lock(operation.locker, now + operation.timeout, operation.paths));
          return;
        }
        case 'lock some': {
          const answers = await locks.lockSome(NAMESPACE, operation.locker, operation.timeout, operation.paths);
          const until = now + operation.timeout;
          expect(answers).toEqual(operation.paths.map((one) => !reference.lock(operation.locker, until, [one])));
          return;
        }
        case 'renew': {
          const answer = await locks.renew(NAMESPACE, operation.locker, operation.timeout, operation.paths);
          const other = reference.notHeldBy(operation.locker, operation.paths);
          expect(answer).toEqual(other);
          if (!other) reference.extend(operation.paths, now + operation.timeout);
          return;
        }
        case 'unlock': {
          const answer = await locks.unlock(NAMESPACE, operation.locker, operation.paths);
          const other = reference.notHeldBy(operation.locker, operation.paths);
          expect(answer).toEqual(other);
          if (!other) reference.remove((held) => operation.paths.some((one) => isSame(one, held)));
          return;
        }
        case 'drop':
          await locks.drop(NAMESPACE, operation.prefix);
          reference.remove((held) => begins(held, operation.prefix));
          return;
        case 'wait':
      }
    }

    it('is answered as a list of locks would', async () => {
      const property = fc.asyncProperty(fc.array(operation, { maxLength: length, size: 'max' }), async (operations) => {
        await backend.reset();
        const reference = new RefLocks();
        const mentioned: LockPath[] = [];
        let now = START;
        for (const operation of operations) {
          if (operation.do === 'wait') now += operation.span;
          await backend.setClock(now);
          reference.settle(now);
          await act(operation, reference, now);
          if ('paths' in operation) mentioned.push(...operation.paths);
          const held = await backend.repositories.locks.read(NAMESPACE, mentioned);
          expect(held).toEqual(mentioned.map((one) => reference.holder(one)));
        }
      });
      await fc.assert(property, { numRuns: runs, seed });
    });
  });
}
