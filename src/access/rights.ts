import { ALL_RIGHTS, type Right, rightSet, type RightSet, rightsIn } from './right.js';

/** What somebody may do, namespace by namespace. */
export interface Rights {
  /** In one namespace. */
  in(namespace: string): RightSet;
  /** In every namespace, those included that do not exist yet. */
  readonly everywhere: RightSet;
  /** All of it, by names of namespaces as `GrantedRights` takes them. */
  readonly granted: readonly (readonly [namespaces: string, rights: RightSet])[];
}

/** May do everything. */
export const EVERYTHING: Rights = { in: () => ALL_RIGHTS, everywhere: ALL_RIGHTS, granted: [['*', ALL_RIGHTS]] };

/** May do nothing. */
export const NOTHING: Rights = { in: () => 0, everywhere: 0, granted: [] };

/** Rights by names of namespaces. Those with `*` at the end stand for all that begin so; what fits adds up. */
export class GrantedRights implements Rights {
  readonly everywhere: RightSet = 0;
  private readonly whole = new Map<string, RightSet>();
  private readonly beginnings: [beginning: string, rights: RightSet][] = [];

  constructor(grants: Iterable<readonly [namespaces: string, rights: readonly Right[]]>) {
    for (const [namespaces, rights] of grants) {
      const set = rightSet(rights);
      if (!namespaces.endsWith('*')) this.whole.set(namespaces, (this.whole.get(namespaces) ?? 0) | set);
      else this.beginnings.push([namespaces.slice(0, -1), set]);
      if (namespaces === '*') this.everywhere |= set;
    }
  }

  get granted(): [namespaces: string, rights: RightSet][] {
    const granted = new Map(this.whole);
    for (const [beginning, rights] of this.beginnings) {
      const namespaces = `${beginning}*`;
      granted.set(namespaces, (granted.get(namespaces) ?? 0) | rights);
    }
    return [...granted];
  }

  in(namespace: string): RightSet {
    let set = this.whole.get(namespace) ?? 0;
    for (const [beginning, rights] of this.beginnings) if (namespace.startsWith(beginning)) set |= rights;
    return set;
  }
}

/** What both let somebody do. */
export function inBoth(one: Rights, other: Rights): GrantedRights {
  return new GrantedRights(
    one.granted.flatMap(([namespaces, rights]) =>
      other.granted.flatMap(([others, allowed]) => {
        const shared = narrower(namespaces, others) ?? narrower(others, namespaces);
        return shared === undefined ? [] : [[shared, rightsIn(rights & allowed)] as const];
      }),
    ),
  );
}

/** The second of two names of namespaces, where the first stands for all that it stands for. */
function narrower(wide: string, narrow: string): string | undefined {
  const covers = wide.endsWith('*') ? narrow.startsWith(wide.slice(0, -1)) : narrow === wide;
  return covers ? narrow : undefined;
}
