import { RestError, shorten } from '../errors/rest-error.js';

/** What an answer may be called, in order of preference; all of it is the same JSON. */
const MEDIA_TYPES = [
  'application/json',
  'text/json',
  'application/vnd.diffeo.coordinate.v1+json',
  'application/vnd.diffeo.coordinate+json',
] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Types that a wildcard can mean. Vendor types are for clients that name them. */
const FIT_WILDCARDS: readonly MediaType[] = ['application/json', 'text/json'];

interface Range {
  readonly type: string;
  readonly q: number;
}

/** How many different headers are remembered, and how long they are: clients send a handful, an attacker any number. */
const REMEMBERED = 256;
const REMEMBERED_CHARS = 256;
/** So many ranges of a header, and parameters of a type, are looked at. */
const MAX_PARTS = 100;
const accepted = new Map<string, MediaType | null>();

/**
 * The type to answer in.
 * @throws RestError (406) when the header allows none
 */
export function negotiate(accept: string | undefined): MediaType {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return 'application/json';
  let chosen = accepted.get(accept);
  if (chosen === undefined) {
    chosen = accept.trim() === '' ? 'application/json' : choose(parseAccept(accept));
    if (accept.length <= REMEMBERED_CHARS) {
      if (accepted.size >= REMEMBERED) accepted.clear();
      accepted.set(accept, chosen);
    }
  }
  if (chosen === null) {
    throw new RestError(406, `there is no answer in ${shorten(accept)}`, [
      { field: 'Accept', value: shorten(accept), reason: `must allow one of ${MEDIA_TYPES.join(', ')}` },
    ]);
  }
  return chosen;
}

/** Highest quality first, then the more specific range, then the order of the header, then our own preference. */
function choose(ranges: readonly Range[]): MediaType | null {
  let best: { type: MediaType; q: number; specific: number; order: number } | undefined;
  for (const type of MEDIA_TYPES) {
    const match = matchOf(type, ranges);
    if (!match || match.q <= 0) continue;
    const isBetter =
      !best ||
      match.q > best.q ||
      (match.q === best.q &&
        (match.specific > best.specific || (match.specific === best.specific && match.order < best.order)));
    if (isBetter) best = { type, ...match };
  }
  return best?.type ?? null;
}

/** The most specific range that a type is in. */
function matchOf(
  type: MediaType,
  ranges: readonly Range[],
): { q: number; specific: number; order: number } | undefined {
  const candidates: string[] = [type];
  if (FIT_WILDCARDS.includes(type)) candidates.push(`${type.split('/')[0]}/*`, '*/*');
  for (const [index, candidate] of candidates.entries()) {
    const order = ranges.findIndex((range) => range.type === candidate);
    if (order >= 0) return { q: ranges[order].q, specific: -index, order };
  }
  return undefined;
}

function parseAccept(accept: string): Range[] {
  const ranges: Range[] = [];
  for (const part of accept.split(',', MAX_PARTS)) {
    const [type, ...parameters] = part.split(';', MAX_PARTS).map((one) => one.trim());
    if (!type || !/^[^\s/]+\/[^\s/]+$/.test(type)) continue;
    const q = parameters.find((parameter) => /^q\s*=/i.test(parameter));
    const quality = q === undefined ? 1 : Number(q.slice(q.indexOf('=') + 1));
    if (quality >= 0 && quality <= 1) ranges.push({ type: type.toLowerCase(), q: quality });
  }
  return ranges;
}

const CONTENT_TYPES: ReadonlySet<string> = new Set(MEDIA_TYPES);

/**
 * Refuses a body of another type than JSON; an absent type is JSON.
 * @param mustBeNamed - whether the type must be there: a browser sends any page's body that has none, without asking first
 * @throws RestError (415)
 */
export function checkContentType(contentType: string | undefined, mustBeNamed: boolean): void {
  if (contentType === 'application/json' || contentType === MEDIA_TYPES[2]) return;
  if (contentType === undefined) {
    if (mustBeNamed) throw unreadable('a body without a type from a browser', '');
    return;
  }
  const [type = '', ...parameters] = contentType.split(';', MAX_PARTS).map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isUtf8 = charset === undefined || /^"?(utf-?8|us-ascii)"?$/.test(charset);
  if (((type === '' && !mustBeNamed) || CONTENT_TYPES.has(type)) && isUtf8) return;
  throw unreadable(`a body of type ${shorten(contentType)}`, contentType);
}

function unreadable(what: string, contentType: string): RestError {
  return new RestError(415, `${what} cannot be read`, [
    {
      field: 'Content-Type',
      value: shorten(contentType),
      reason: `must be one of ${MEDIA_TYPES.join(', ')}, in UTF-8`,
    },
  ]);
}
