import { ALL_RIGHTS, type RightSet } from './right.js';

/** What somebody may do, namespace by namespace. */
export interface Rights {
  /** In one namespace. */
  in(namespace: string): RightSet;
  /** In every namespace, those included that do not exist yet. */
  readonly everywhere: RightSet;
}

/** May do everything. */
export const EVERYTHING: Rights = { in: () => ALL_RIGHTS, everywhere: ALL_RIGHTS };
