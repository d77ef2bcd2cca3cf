import { setTimeout as sleep } from 'node:timers/promises';
import type { Repositories } from 'coordinate-daemon/backend';

/** What answers at once, since nothing is asked of the storage by it. */
const AT_ONCE: ReadonlySet<PropertyKey> = new Set(['listOf', 'tell']);
/** What is no repository. */
const HERE: ReadonlySet<string> = new Set(['feed', 'clock', 'health']);

/** Repositories of which each operation begins so many milliseconds later; 0: as soon as others have had their turn. */
export function distant(near: Repositories, ms: number): Repositories {
  const far = Object.entries(near).map(([name, each]) => [name, HERE.has(name) ? each : away(each as object, ms)]);
  return Object.fromEntries(far) as Repositories;
}

function away<T extends object>(repository: T, ms: number): T {
  return new Proxy(repository, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = (...args: unknown[]): unknown => Reflect.apply(member, target, args);
      if (AT_ONCE.has(name)) return call;
      return async (...args: unknown[]) => {
        await (ms === 0 ? undefined : sleep(ms));
        return call(...args);
      };
    },
  });
}
