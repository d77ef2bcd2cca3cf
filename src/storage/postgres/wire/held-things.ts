import { StorageUnavailableError } from '../../../domain/errors.js';
import type { Connection } from './connection.js';
import { LockedError } from './failures.js';
import type { Patience } from './patience.js';
import { Turns } from './turns.js';

/** What a transaction locks, by names of any form. */
export interface Wishes {
  /** The narrowest last: where it waited in vain it is taken for that which others hold, unless the error says otherwise. */
  readonly locks?: readonly string[];
  /** Whether those that lock the last of these go one after another in any case. */
  readonly inTurn?: boolean;
  /** Whether a lock that was not to be had in time is told at once. */
  readonly waitsOnce?: boolean;
}

/** What waits for others in vain is left for another time, by whoever does it. */
export const ONCE: Wishes = { waitsOnce: true };

const WANTED = new WeakMap<object, string>();

/** Does something that locks a thing: where it waits in vain the error says for what. */
export async function wanting<T>(thing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && !WANTED.has(error)) WANTED.set(error, thing);
    throw error;
  }
}

export function wantedBy(error: unknown): string | undefined {
  return error instanceof Error ? WANTED.get(error) : undefined;
}

/** Connections of which one is lent. */
interface Lender {
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Something has been found to be held since this was begun: it is to wait apart. */
export class FoundHeld extends Error {}

/**
 * What other sessions keep locked, as far as somebody has waited for it in vain. Whoever needs it waits apart, for each thing one at
 * a time: so it takes no connection away from others, however many there are.
 */
export class HeldThings {
  private readonly found = new Map<string, StorageUnavailableError>();

  /** @param apart - connections for those who wait */
  constructor(
    private readonly apart: Lender,
    private readonly patience: Patience,
    readonly turns = new Turns(patience),
  ) {}

  /** One of some things that is known to be held. */
  among(things: readonly string[]): string | undefined {
    return this.found.size === 0 ? undefined : things.find((thing) => this.found.has(thing));
  }

  note(thing: string, error: StorageUnavailableError): void {
    this.found.set(thing, error);
  }

  /** Tries it when nobody else waits for the thing who came before. */
  wait<T>(thing: string, since: number, attempt: (connection: Connection) => Promise<T>): Promise<T> {
    const refusal = () => this.found.get(thing) ?? this.patience.refusal(since);
    return this.turns.take(thing, since, refusal, async () => {
      // Who came before may have had it: it need not be waited for apart any longer.
      if (!this.found.has(thing)) throw new FoundHeld();
      try {
        const result = await this.apart.use(attempt);
        this.found.delete(thing);
        return result;
      } catch (error) {
        if (!(error instanceof LockedError)) this.found.delete(thing);
        throw error;
      }
    });
  }

  /** Somebody waits for a thing no longer: if nobody does, it need not be remembered. */
  forget(thing: string): void {
    if (this.turns.isFree(thing)) this.found.delete(thing);
  }

  close(): Promise<void> {
    return this.apart.close();
  }
}
