import type { CallOptions } from '../waiting.js';
import type { DataReader } from '../data/forms.js';
import type { RestClient } from './rest-client.js';

export interface ListOptions extends CallOptions {
  /** At most so many; all where it is absent. */
  readonly limit?: number;
}

/** So many are asked for in one request. */
const PAGE = 1000;

interface Page {
  readonly next_url?: string;
}

/** What a list has, read a page at a time while it is taken. Signal and timeout are those of each request. */
export async function* pagesOf<P extends Page, T>(
  client: RestClient,
  { path, query = [] }: { readonly path: string; readonly query?: readonly string[] },
  { limit = Infinity, ...options }: ListOptions,
  items: (page: P, data: DataReader) => readonly T[],
): AsyncGenerator<T, void, undefined> {
  if (!(limit >= 0)) throw new RangeError(`a limit is a number from 0 on: ${limit}`);
  let asked: readonly string[] = query;
  for (let left = limit; left > 0;) {
    const all = [...asked, `limit=${Math.min(PAGE, left)}`];
    const { value, data } = await client.call<P>({ method: 'GET', path, query: all }, options);
    for (const item of items(value, data)) {
      yield item;
      if (--left === 0) return;
    }
    if (value.next_url === undefined) return;
    asked = continuationOf(value.next_url, query);
  }
}

/** The query that goes on: of the link that has all of it, only where to, since its path is that of the daemon behind a proxy. */
export function continuationOf(link: string, query: readonly string[]): string[] {
  const parts = link.slice(link.indexOf('?') + 1).split('&');
  return [...query.filter((part) => !isWhere(part)), ...parts.filter(isWhere)];
}

/** Whether a part of a query says where a page begins: behind a name, or a place of another order. */
function isWhere(part: string): boolean {
  return part.startsWith('previous=') || part.startsWith('next=');
}
