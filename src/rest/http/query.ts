import type { ByteName } from '../../domain/names.js';
import { Slices } from '../../timing/slices.js';
import { nearMiss } from '../../domain/near-miss.js';
import type { ErrorDetail } from '../errors/rest-error.js';
import { invalidValue, invalidValues, shorten } from '../errors/rest-error.js';
import { decodePathPart, readable } from '../names.js';
import { isWellEncoded, percentDecode } from './request-path.js';

/** A query of so many chars is decoded in slices of time. */
const LARGE = 16 * 1024;
/** So many unknown parameters are told of. */
const MAX_PROBLEMS = 100;

/** The query of a request, decoded to bytes when it is looked at: most requests have none. */
export class Query {
  private parsed: Map<string, string[]> | undefined;

  constructor(private readonly encoded: string) {}

  /** Every value of a parameter, one char per byte, in order; undefined when it is not there. */
  all(name: string): readonly string[] | undefined {
    return this.parameters().get(name);
  }

  /** The one value of a parameter. @throws RestError (400) when it is there twice */
  one(name: string): string | undefined {
    const values = this.all(name);
    if (values && values.length > 1) throw invalidValue(name, `${values[0]}&${values[1]}`, 'must not be repeated');
    return values?.[0];
  }

  /** `true` or `false`. @throws RestError (400) */
  boolean(name: string): boolean | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw invalidValue(name, value, 'must be true or false');
    return value === 'true';
  }

  /** A whole number of at least 1. @throws RestError (400) */
  limit(): number | undefined {
    const value = this.one('limit');
    if (value === undefined) return undefined;
    const limit = /^[+-]?\d+$/.test(value) ? Number(value) : NaN;
    if (!(limit >= 1)) throw invalidValue('limit', value, 'must be a whole number of at least 1');
    return Math.min(limit, Number.MAX_SAFE_INTEGER);
  }

  /** The values of a list of words, each by itself or with commas between them. @throws RestError (400) */
  words<T extends string>(name: string, known: readonly T[]): Set<T> {
    const words = new Set<T>();
    for (const word of (this.all(name) ?? []).flatMap((value) => value.split(','))) {
      const found = known.find((one) => one === word);
      if (found === undefined) throw invalidValue(name, readable(word), `must be one of ${known.join(', ')}`);
      words.add(found);
    }
    return words;
  }

  /** The name after which a listing goes on, in the encoding of paths; nothing is no restriction. @throws RestError (400) */
  previous(): ByteName | undefined {
    const value = this.one('previous');
    if (value === undefined || value === '') return undefined;
    const name = decodePathPart(value);
    if (name === undefined) throw invalidValue('previous', value, 'is not base64url after the first -');
    return name;
  }

  /**
   * Refuses parameters that a route does not have: one that is mistyped would widen what the query selects.
   * @throws RestError (400) naming all of them
   */
  refuseOthers(known: readonly string[]): void {
    if (this.encoded === '') return;
    const unknown: ErrorDetail[] = [];
    for (const [name, values] of this.parameters()) {
      if (known.includes(name)) continue;
      if (unknown.length === MAX_PROBLEMS) break;
      const meant = nearMiss(name, known);
      const has = `It has ${known.join(', ')}`;
      const ending = known.length === 0 ? ', which has none' : meant ? `, did you mean ${meant}? ${has}` : `. ${has}`;
      const value = shorten(readable(values[0]));
      unknown.push({ field: shorten(readable(name)), value, reason: `is no parameter of this route${ending}` });
    }
    if (unknown.length > 0) throw invalidValues(unknown);
  }

  /** Whether it names so many things that it is to be prepared before it is looked at. */
  get isLarge(): boolean {
    return this.encoded.length > LARGE;
  }

  /** Decodes it in slices of time. @throws RestError (400) */
  async prepare(): Promise<void> {
    const parsed = new Map<string, string[]>();
    const slices = new Slices();
    for (const part of this.encoded.split('&')) {
      take(part, parsed);
      if (slices.isOver()) await slices.next();
    }
    this.parsed = parsed;
  }

  private parameters(): Map<string, string[]> {
    if (this.parsed) return this.parsed;
    const parsed = new Map<string, string[]>();
    if (this.encoded !== '') for (const part of this.encoded.split('&')) take(part, parsed);
    return (this.parsed = parsed);
  }
}

/** Puts one part of a query among the others. */
function take(part: string, parsed: Map<string, string[]>): void {
  if (part === '') return;
  const equals = part.indexOf('=');
  const name = formDecode(equals < 0 ? part : part.slice(0, equals));
  const value = equals < 0 ? '' : part.slice(equals + 1);
  if (!isWellEncoded(part)) throw invalidValue(shorten(name), value, 'is not percent-encoded');
  const values = parsed.get(name);
  if (values) values.push(formDecode(value));
  else parsed.set(name, [formDecode(value)]);
}

/** The bytes of a part of a query, one char each; forms, and most clients, write a space as a plus. */
function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

const NONE = new Query('');

/** For the router: the part of a URL behind the `?`. */
export function parseQuery(encoded: string): Query {
  return encoded === '' ? NONE : new Query(encoded);
}
