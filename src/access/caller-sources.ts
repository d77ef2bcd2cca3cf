import { inTime, LATE } from '../timing/in-time.js';
import { MILLISECOND } from '../domain/time.js';
import type { CallerSource, KnownCaller, Shown } from './caller-source.js';
import { SourceFailedError } from './errors.js';
import { grantsOf, workersOf } from './grants.js';
import type { Identity } from './identity.js';
import { GrantedRights, inBoth, type Rights } from './rights.js';

/** So long a source may take to say who somebody is, in milliseconds. */
const LONGEST_MS = 5_000;

/** A source of callers, and whose it is. */
export interface PluggedSource {
  /** The name of the plug-in. */
  readonly plugin: string;
  /** The name of its class. */
  readonly name: string;
  readonly source: CallerSource;
  /** What those whom it knows may do at most. */
  readonly atMost: Rights;
}

/** Somebody, by what a plug-in says; `wrong`: they have said wrongly who they are; undefined: none knows. */
export type Said = Identity | 'wrong' | undefined;

/** Asks plug-ins who somebody is, one after another, in time. */
export class CallerSources {
  /** Those of which it has been said that they do not answer as they should, until they do. */
  private readonly failing = new Set<PluggedSource>();
  private readonly generous = new Set<PluggedSource>();

  /** @param warn - says what is wrong with one */
  constructor(
    private readonly sources: readonly PluggedSource[],
    private readonly warn: (problem: string) => void,
    private readonly longestMs = LONGEST_MS,
  ) {}

  /** @throws SourceFailedError when one of them throws, takes too long, or says what cannot be meant */
  async ask(shown: Shown): Promise<Said> {
    for (const plugged of this.sources) {
      const said = await this.askOne(plugged, shown);
      if (said !== undefined) return said;
    }
    return undefined;
  }

  private async askOne(plugged: PluggedSource, shown: Shown): Promise<Said> {
    try {
      const said = await inTime(this.longestMs, (signal) => plugged.source.identify(shown, signal));
      if (said === LATE) throw new Error(`takes more than ${this.longestMs / 1000} s`);
      const identity = said === undefined || said === 'wrong' ? said : this.identityOf(plugged, said);
      this.failing.delete(plugged);
      return identity;
    } catch (error) {
      // Said once, until it answers: whoever sends requests could have the log filled otherwise.
      const problem = error instanceof Error ? error.message || error.name : String(error);
      if (!this.failing.has(plugged)) this.say(plugged, `cannot say who is calling: ${problem}`);
      this.failing.add(plugged);
      throw new SourceFailedError();
    }
  }

  /** @throws Error when it is none */
  private identityOf(plugged: PluggedSource, said: KnownCaller): Identity {
    const { name, rights, workers, expires } = said;
    if (typeof name !== 'string' || name === '')
      throw new Error('the name of a caller must be a text that is not empty');
    if (expires !== undefined && !(expires instanceof Date && !Number.isNaN(expires.getTime()))) {
      throw new Error('expires must be a Date');
    }
    const grants = grantsOf('rights', rights);
    const prefix = workersOf('workers', workers, grants);
    const given = new GrantedRights(grants);
    const held = inBoth(given, plugged.atMost);
    if (!isSame(given, held) && !this.generous.has(plugged)) {
      this.generous.add(plugged);
      this.say(plugged, `gives ${JSON.stringify(name)} rights that the plug-in does not declare: they are not given`);
    }
    return {
      name,
      rights: held,
      workers: prefix,
      expires: expires && expires.getTime() * MILLISECOND,
      plugin: plugged.plugin,
    };
  }

  private say({ plugin, name }: PluggedSource, problem: string): void {
    this.warn(`plug-in ${plugin}: its ${name} ${problem}`);
  }
}

/** Whether nothing was taken away. */
function isSame(given: Rights, held: Rights): boolean {
  const left = new Map(held.granted);
  return given.granted.every(([namespaces, rights]) => rights === (left.get(namespaces) ?? 0));
}
