import { isRight, type Right } from './right.js';
import type { Grant } from './grants.js';

/** What a token says: by whom it is signed is seen to elsewhere. */
export type Claims = Readonly<Record<string, unknown>>;

/** A claim by its path: its name or, in claims that are maps, names with dots between. */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Claims)[name];
  }
  return value;
}

/** Whether all claims are these texts, or lists that have them. */
export function holds(claims: Claims, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([path, text]) => {
    const value = claimAt(claims, path);
    return Array.isArray(value) ? value.includes(text) : value === text;
  });
}

/**
 * The rights that a claim gives: `{"demo": ["work"]}` or `["work@demo"]`. What is not understood of it gives none: an issuer may mean it
 * for others.
 */
export function grantsIn(claim: unknown): Grant[] {
  if (Array.isArray(claim)) {
    return claim.flatMap((item: unknown) => {
      const [, right = '', namespaces = ''] = (typeof item === 'string' && /^([a-z]+)@(.*)$/s.exec(item)) || [];
      return grant(namespaces, [right]);
    });
  }
  if (typeof claim !== 'object' || claim === null) return [];
  return Object.entries(claim).flatMap(([namespaces, rights]) =>
    grant(namespaces, Array.isArray(rights) ? rights : []),
  );
}

function grant(namespaces: string, rights: readonly unknown[]): Grant[] {
  if (namespaces.slice(0, -1).includes('*')) return [];
  const known = rights.filter((right): right is Right => {
    return typeof right === 'string' && isRight(right) && (right !== 'operate' || namespaces === '*');
  });
  return known.length === 0 ? [] : [[namespaces, known]];
}
