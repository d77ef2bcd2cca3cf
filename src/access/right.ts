/** What a caller may do, as operators write it. */
export const RIGHTS = ['read', 'submit', 'work', 'define', 'admin', 'operate'] as const;

export type Right = (typeof RIGHTS)[number];

/** Some of the rights, a bit each: to look whether one is among them costs nothing. */
export type RightSet = number;

const BIT: Readonly<Record<Right, RightSet>> = { read: 1, submit: 2, work: 4, define: 8, admin: 16, operate: 32 };

/** In the set of whoever makes a request, known or not: what is open to everybody needs it. */
export const OPEN_SET: RightSet = 64;

/** A set of one right alone, without what it includes. */
export function bitOf(right: Right): RightSet {
  return BIT[right];
}

export function isRight(name: string): name is Right {
  return Object.hasOwn(BIT, name);
}

/** The rights that are named and what they include: whoever may change something of a namespace may look at all of it. */
export function rightSet(rights: Iterable<Right>): RightSet {
  let set = 0;
  for (const right of rights) set |= right === 'operate' ? BIT.operate : BIT[right] | BIT.read;
  return set;
}

export function includes(set: RightSet, right: Right): boolean {
  return (set & BIT[right]) !== 0;
}

/** The rights of a set by their names. */
export function rightsIn(set: RightSet): Right[] {
  return RIGHTS.filter((right) => includes(set, right));
}

export const ALL_RIGHTS: RightSet = rightSet(RIGHTS);
