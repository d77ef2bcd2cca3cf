import type { Awaitable } from '../../domain/awaitable.js';
import type { JsonAnswer } from './answers.js';
import { JsonStream } from './answers.js';

/** So many things are asked for at a time: other requests come in between, and nobody holds a million of them. */
const WINDOW = 1000;

/** JSON of more characters is made in pieces: names may be long, and that of a window megabytes. */
const WHOLE = 256 * 1024;
/** Characters of one piece, about. */
const PIECE = 64 * 1024;

/** A listing that is read in windows. */
export interface Listing<I> {
  /** What the list is called in the answer. */
  readonly key: string;
  /** Absent: all. */
  readonly limit?: number;
  /** What is held in memory until it has been read, where that is much, in bytes. */
  readonly heldBytes?: number;
  /** Asks for the things behind one, or the first, at most so many. */
  readonly window: (after: I | undefined, most: number) => Awaitable<I[]>;
  readonly json: (item: I) => string;
  /** The link to what comes behind a thing, where the limit leaves that out. */
  readonly nextUrl?: (last: I) => string;
}

interface Page<I> {
  readonly items: readonly I[];
  /** How many more the limit allows. */
  readonly left: number;
  /** Whether there are others behind it. */
  readonly hasMore: boolean;
}

/** The JSON of a listing: whole where one window holds it and it is not large, else in chunks as they are read. */
export async function listInWindows<I>(listing: Listing<I>): Promise<JsonAnswer> {
  const first = await readPage(listing, undefined, listing.limit ?? Infinity);
  const isWhole = !first.hasMore || first.left === 0;
  const items = isWhole ? wholeJson(listing, first) : undefined;
  if (items === undefined) return new JsonStream(chunks(listing, first), listing.heldBytes);
  return head(listing) + items + end(listing, first);
}

/** The windows of a list that is there already, in its order. */
export function windowsOf<I>(items: readonly I[], first = 0): Listing<I>['window'] {
  let at = first;
  return (_after, most) => {
    const window = items.slice(at, at + most);
    // One more is asked for than is shown, and comes again.
    at += most - 1;
    return window;
  };
}

async function readPage<I>({ window }: Listing<I>, after: I | undefined, left: number): Promise<Page<I>> {
  const most = Math.min(left, WINDOW);
  const items = await window(after, most + 1);
  const hasMore = items.length > most;
  if (hasMore) items.length = most;
  return { items, left: left - items.length, hasMore };
}

async function* chunks<I>(listing: Listing<I>, first: Page<I>): AsyncGenerator<string> {
  let before = head(listing);
  let page = first;
  for (;;) {
    for (const piece of piecesOf(listing, page)) {
      yield before + piece;
      before = ',';
    }
    if (!page.hasMore || page.left === 0) break;
    page = await readPage(listing, page.items[page.items.length - 1], page.left);
  }
  yield end(listing, page);
}

function head({ key }: Pick<Listing<unknown>, 'key'>): string {
  return `{"${key}":[`;
}

/** The JSON of some things, without a comma before the first and behind the last, in pieces. */
function* piecesOf<I>({ json }: Listing<I>, { items }: Page<I>, size = PIECE): Generator<string> {
  let piece = '';
  for (const item of items) {
    piece += piece === '' ? json(item) : `,${json(item)}`;
    if (piece.length < size) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** The same in one; undefined: it is large. */
function wholeJson<I>(listing: Listing<I>, page: Page<I>): string | undefined {
  const [first = ''] = piecesOf(listing, page, WHOLE);
  return first.length >= WHOLE ? undefined : first;
}

function end<I>({ nextUrl }: Listing<I>, { items, hasMore }: Page<I>): string {
  if (!hasMore || !nextUrl) return ']}';
  return `],"next_url":${JSON.stringify(nextUrl(items[items.length - 1]))}}`;
}
