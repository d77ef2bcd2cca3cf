import type { Micros } from './time.js';

/** So many sessions does one holder have at most: another one ends the oldest of them. */
export const MOST_SESSIONS = 100;

/** A session that begins: what the browser of somebody who has signed in is known by. */
export interface NewSession {
  /** SHA-256, in hexadecimal, of the id that the browser has: who sees what is stored can take nobody's place. */
  readonly hash: string;
  /** Whose it is: SHA-256, in hexadecimal, of what tells holders apart. */
  readonly holder: string;
  /** What it rests on, as those who ask for it have written it. */
  readonly basis: string;
  readonly lifetime: Micros;
}

/** A session that goes on. */
export interface Session {
  readonly hash: string;
  readonly basis: string;
  /** When it ends, by the storage's clock, and how long that is from now. */
  readonly ends: Micros;
  readonly left: Micros;
}
