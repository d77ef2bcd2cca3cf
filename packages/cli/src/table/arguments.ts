import { milliseconds } from 'coordinate-client';
import { UsageError } from '../errors.js';

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** What a command was given, once it is known that it may be given that. */
export class Arguments {
  constructor(
    private readonly values: Values,
    /** What goes without a name, in order. */
    readonly taken: readonly string[],
    /** What comes after `--`. */
    readonly after: readonly string[] = [],
  ) {}

  /** What was taken first, which is there. */
  get first(): string {
    return this.taken[0];
  }

  get rest(): readonly string[] {
    return this.taken.slice(1);
  }

  has(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    if (typeof value === 'string') return [value];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  /** @throws UsageError */
  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(number)) throw new UsageError(`--${name} takes a number: ${text}`);
    return number;
  }

  /** A whole number from `least` on. @throws UsageError */
  count(name: string, least = 1): number | undefined {
    const number = this.number(name);
    if (number === undefined || (Number.isSafeInteger(number) && number >= least)) return number;
    throw new UsageError(`--${name} takes a whole number from ${least} on: ${this.text(name)}`);
  }

  /** Milliseconds. @throws UsageError */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    try {
      const ms = milliseconds(text);
      if (ms >= 0) return ms;
    } catch {
      // It is told below.
    }
    throw new UsageError(`--${name} takes a duration such as 500ms, 30s, 15m or 1h30m: ${text}`);
  }
}
