import type { Caller } from '../../access/caller.js';
import { type Right, rightsIn } from '../../access/right.js';
import type { UiMode } from '../../config/config.js';

/** What the page says of the daemon. */
export interface DaemonFacts {
  readonly version: string;
  /** Where its state is kept, in words, without secrets. */
  readonly backend: string;
  /** Whether callers are asked who they are. */
  readonly asksWho: boolean;
  /** What there is to warn whoever looks after it of, a sentence each. */
  readonly warnings: readonly string[];
}

/** Who looks at the page, and what it may offer them. */
export interface Viewer {
  /** How the daemon calls them; absent: it does not know them, and they see nothing before they sign in. */
  readonly name?: string;
  readonly asksWho: boolean;
  readonly readOnly: boolean;
  /** In all namespaces. */
  readonly everywhere: readonly Right[];
  /** In the namespace that was asked for; absent: in none. */
  readonly rights?: readonly Right[];
  /** For those that are known. */
  readonly daemon?: DaemonFacts & { readonly started: string };
}

/** When this process began, by its own clock. */
const STARTED = new Date(Date.now() - process.uptime() * 1000).toISOString();
const LOOKING: readonly Right[] = ['read', 'operate'];

/** @param namespace in which it is asked what they may do */
export function viewerOf(
  { identity }: Caller,
  { ui, ...facts }: DaemonFacts & { readonly ui: UiMode },
  namespace: string | undefined,
): Viewer {
  const readOnly = ui === 'read-only';
  const { version, backend, asksWho, warnings } = facts;
  const shown = (rights: Right[]): Right[] => (readOnly ? rights.filter((right) => LOOKING.includes(right)) : rights);
  if (identity.unknown !== undefined) return { asksWho, readOnly, everywhere: [] };
  const here = namespace === undefined ? undefined : identity.rights.in(namespace);
  return {
    name: identity.shownAs ?? identity.name,
    asksWho,
    readOnly,
    everywhere: shown(rightsIn(identity.rights.everywhere)),
    ...(here !== undefined && { rights: shown(rightsIn(here)) }),
    daemon: { version, backend, asksWho, warnings, started: STARTED },
  };
}
