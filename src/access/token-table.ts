import { timingSafeEqual } from 'node:crypto';
import type { CallerEntry } from './callers-file.js';
import type { Identity } from './identity.js';

/** Who has which token, by the beginnings of their hashes. */
export type TokenTable = ReadonlyMap<string, readonly { readonly hash: Buffer; readonly identity: Identity }[]>;

/** So many hexadecimal digits of a hash find it: to know them says nothing of a token. */
const FOUND_BY = 16;

export function tokenTable(entries: readonly CallerEntry[]): TokenTable {
  const table = new Map<string, { hash: Buffer; identity: Identity }[]>();
  for (const { tokenHash, identity } of entries) {
    if (tokenHash === undefined) continue;
    const key = tokenHash.slice(0, FOUND_BY);
    table.set(key, [...(table.get(key) ?? []), { hash: Buffer.from(tokenHash, 'hex'), identity }]);
  }
  return table;
}

/** Whose token has a hash. How long it takes says nothing of how much of a hash is right. */
export function holderIn(table: TokenTable, hash: string): Identity | undefined {
  const bytes = Buffer.from(hash, 'hex');
  return table.get(hash.slice(0, FOUND_BY))?.find((each) => timingSafeEqual(each.hash, bytes))?.identity;
}
