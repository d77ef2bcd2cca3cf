import type { CborValue } from '../../cbor/index.js';
import { CborMap, Tuple } from '../../cbor/index.js';
import { InvalidValueError } from '../errors.js';
import { flagOf, numberOf, textOf } from '../loose-values.js';
import { nearMiss } from '../near-miss.js';

/** So much of a value or key that is refused is repeated. */
const SHOWN_CHARS = 100;

/**
 * A dictionary of which each key must be known and each value understood: what is mistyped is an error. A value of null is none.
 */
export class StrictFields {
  private constructor(
    private readonly dictionary: CborMap,
    /** What it is called in errors. */
    readonly path: string,
  ) {}

  /** @throws InvalidValueError when it is no dictionary, or has another key */
  static of(value: CborValue, path: string, known: readonly string[]): StrictFields {
    if (!(value instanceof CborMap)) throw new InvalidValueError(path, 'must be a dictionary');
    for (const [name] of value.entries) {
      const key = textOf(name);
      if (key === undefined) throw new InvalidValueError(path, 'has a key that is no string');
      if (known.includes(key)) continue;
      const meant = nearMiss(key, known);
      const hint = meant === undefined ? `: it has ${known.join(', ')}` : `, did you mean ${meant}?`;
      throw new InvalidValueError(`${path}.${key.slice(0, SHOWN_CHARS)}`, `is not known${hint}`);
    }
    return new StrictFields(value, path);
  }

  /** @returns undefined where there is none */
  value(key: string): CborValue {
    return this.dictionary.get(key) ?? undefined;
  }

  /** @param what - which numbers will do, in words */
  number(key: string, fallback: number, what: string, fits: (number: number) => boolean): number {
    const value = this.value(key);
    if (value === undefined) return fallback;
    return numberIn(value, this.at(key), what, fits);
  }

  flag(key: string): boolean {
    const value = this.value(key);
    if (value === undefined) return false;
    return flagOf(value) ?? this.refuse(key, 'must be true or false');
  }

  /** @returns undefined where there is none */
  text(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    return textOf(value) ?? this.refuse(key, 'must be a string');
  }

  oneOf<T extends string>(key: string, known: readonly T[]): T {
    const text = this.text(key);
    if (text === undefined) return known[0];
    return known.find((each) => each === text) ?? this.refuse(key, `must be one of ${known.join(', ')}`);
  }

  texts(key: string): string[] {
    const value = this.value(key);
    return value === undefined ? [] : textsIn(value, this.at(key));
  }

  at(key: string): string {
    return `${this.path}.${key}`;
  }

  refuse(key: string, reason: string): never {
    throw new InvalidValueError(this.at(key), reason);
  }
}

export function numberIn(value: CborValue, path: string, what: string, fits: (number: number) => boolean): number {
  const number = numberOf(value);
  if (number === undefined || !fits(number)) throw new InvalidValueError(path, `must be ${what}`);
  return number;
}

/** A list or tuple of strings. */
export function textsIn(value: CborValue, path: string): string[] {
  const items: unknown = value instanceof Tuple ? value.items : value;
  if (!Array.isArray(items)) throw new InvalidValueError(path, 'must be a list of strings');
  return items.map((item: unknown) => {
    const text = textOf(item);
    if (text === undefined) throw new InvalidValueError(path, 'must be a list of strings');
    return text;
  });
}
