import type { Right } from './right.js';

/**
 * Where a caller needs a right: `here`, in the namespace of the path or, over CBOR-RPC, of the connection; `everywhere`, in all
 * namespaces; `each`, in those that the request is about, which its handler finds out: others are left out or refused.
 */
export type Where = 'here' | 'everywhere' | 'each';

/** What a request needs its caller to have. Every method and route declares one. */
export interface Need {
  readonly right: Right;
  readonly where: Where;
  /** Also needed for the request to make what it asks for where that is not there. With `right` alone it is looked for. */
  readonly toMake?: Right;
  /** Operators may open it to everybody, by -metrics-open. */
  readonly isMetrics?: boolean;
}

/** What is for everybody, known or not. */
export const OPEN = 'open';

/** As declarations spell it: a right alone is meant here. */
export type DeclaredNeed = Right | Need | typeof OPEN;

/** To look at everything there is. */
export const READ_ALL: Need = { right: 'read', where: 'everywhere' };

export function needOf(declared: DeclaredNeed): Need | typeof OPEN {
  return typeof declared === 'string' && declared !== OPEN ? { right: declared, where: 'here' } : declared;
}

/** Whether it is needed in the namespace of the path, where there is a need. */
export function isNeededHere(need: Need | typeof OPEN | undefined): boolean {
  return need !== undefined && need !== OPEN && need.where === 'here';
}

const PLACES: Readonly<Record<Where, string>> = {
  here: '',
  everywhere: ' in all namespaces',
  each: ' in each namespace that it is about',
};

/** A need in words, a sentence in Markdown. */
export function needText(declared: DeclaredNeed): string {
  const need = needOf(declared);
  if (need === OPEN) return 'Open to everybody.';
  const { right, where, toMake } = need;
  const making = toMake === undefined ? '' : `, and \`${toMake}\` to make what is not there`;
  return `Needs the right \`${right}\`${right === 'operate' ? '' : PLACES[where]}${making}.`;
}
