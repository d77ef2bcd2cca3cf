import type { WorkerPrefix } from '../domain/names.js';
import type { Micros } from '../domain/time.js';
import type { Pace } from './pace.js';
import { EVERYTHING, NOTHING, type Rights } from './rights.js';

/** Somebody who makes requests, by whatever they are known. */
export interface Identity {
  /** As logs and errors call them. */
  readonly name: string;
  readonly rights: Rights;
  /** As people call them, where that is known; not by what they are told apart. */
  readonly shownAs?: string;
  /** The plug-in by which they are known; undefined: they are known otherwise. */
  readonly plugin?: string;
  /** Of somebody whom nobody knows: what to say to them. */
  readonly unknown?: string;
  /** Of somebody who said wrongly who they are, too often: how long they are to wait, in whole seconds. */
  readonly retryAfter?: number;
  /** What the names of the workers begin with that they may act for; undefined: for any. */
  readonly workers?: WorkerPrefix;
  /** From when on they are nobody any more; undefined: never. */
  readonly expires?: Micros;
  /** What their requests are kept to. */
  pace?: Pace;
  /** They are no longer among the callers there are. */
  isOver?: boolean;
  /** Those of the file of callers that they are by what they have shown: with one of them they are over, too. */
  readonly bases?: readonly Identity[];
}

/** Whoever reaches a port, where nobody is asked who they are. */
export const EVERYBODY: Identity = { name: 'everybody', rights: EVERYTHING };

/** Whether they stay who they are for good: nobody is asked. */
export function isEverybody({ rights }: Identity): boolean {
  return rights === EVERYBODY.rights;
}

/** Whoever does not say who they are, where that is asked. */
export const NOBODY: Identity = { name: 'nobody', rights: NOTHING, unknown: 'sign in first' };

/** Whoever says so by something that is not known. */
export const STRANGER: Identity = {
  name: 'nobody',
  rights: NOTHING,
  unknown: 'sign in first: the token is not known, or no longer valid',
};

/** Whoever had a session. */
export const SIGNED_OUT: Identity = {
  name: 'nobody',
  rights: NOTHING,
  unknown: 'sign in first: the session has ended, or is not for requests of other pages',
};

/** Such a one who was wrong too often. @param seconds how long to wait */
export function toldToWait(seconds: number): Identity {
  const unknown = `too many wrong sign-ins from this address, try again in ${seconds} s`;
  return { ...STRANGER, unknown, retryAfter: seconds };
}

/** Whether they are to be found out anew. @param now in microseconds of this machine's clock */
export function isPast({ isOver, expires, bases }: Identity, now: Micros): boolean {
  if (isOver === true || (expires !== undefined && expires <= now)) return true;
  return bases !== undefined && bases.some((base) => isPast(base, now));
}
