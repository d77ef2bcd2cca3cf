import { Logger } from '@nestjs/common';
import { shorten } from '../shorten.js';
import type { Right } from './right.js';
import { RIGHTS } from './right.js';
import type { Wait } from './wrong-sign-ins.js';

/** By which interface a request comes. */
export const DOORS = ['rest', 'rpc'] as const;
export type Door = (typeof DOORS)[number];

/** By what somebody may say who they are: a session, which a browser has, is begun once and used with each request. */
export const SIGN_IN_DOORS = [...DOORS, 'session'] as const;
export type SignInDoor = (typeof SIGN_IN_DOORS)[number];

/** accepted: it is known who that is; refused: it is not; limited: it is not, and was not too often from that address. */
export const SIGN_INS = ['accepted', 'refused', 'limited'] as const;
export type SignIn = (typeof SIGN_INS)[number];

/** Whoever may do this changes more than what workers change all the time. */
const AUDITED: ReadonlySet<string> = new Set<Right>(['submit', 'define', 'admin']);

/** What the log says of a request that matters later. Nothing in it is of data, and nothing of a token. */
export interface AuditLine {
  readonly door: Door;
  readonly caller: string;
  /** The plug-in by which that is known, where it is one. */
  readonly plugin?: string;
  /** Of the machine that it came from. */
  readonly address: string;
  /** What was asked for: a method of CBOR-RPC, or verb and pattern of a route. */
  readonly action: string;
  readonly namespace?: string;
  /** What it was about, such as a work spec. */
  readonly object?: string;
  /** Why not, where it was not done. */
  readonly reason?: string;
  /** The id that the client gave the request. */
  readonly request?: string;
}

/** No name in a line is longer. */
const LONGEST = 200;

/** Who did what, and who was not let: lines of the log, and counters for metrics. */
export class Audit {
  readonly signIns = byDoor(SIGN_IN_DOORS, () => ({ accepted: 0, refused: 0, limited: 0 }));
  readonly denied = byDoor(DOORS, () => Object.fromEntries(RIGHTS.map((right) => [right, 0])) as Record<Right, number>);
  private readonly logger = new Logger('audit');

  /** @param isOn whether changes are logged: where it is asked who makes them */
  constructor(readonly isOn = false) {}

  /** Whether requests that need a right are logged. */
  concerns(right: string): boolean {
    return this.isOn && AUDITED.has(right);
  }

  /** A change was made, or asked for and not made for another reason than its caller's rights. */
  change(outcome: 'ok' | 'error', line: AuditLine): void {
    this.logger.log(shown(outcome, line));
  }

  /** Somebody who is known was not let. */
  deny(right: Right | undefined, line: AuditLine): void {
    if (right !== undefined) this.denied[line.door][right]++;
    this.logger.warn(shown('denied', line));
  }

  signedIn(door: SignInDoor): void {
    this.signIns[door].accepted++;
  }

  /** Somebody has begun a session, or ended one. */
  session(action: 'sign in' | 'sign out', caller: string, address: string): void {
    this.logger.log({
      message: 'audit',
      door: 'session',
      caller: shorten(caller, LONGEST),
      address,
      action,
      outcome: 'ok',
    });
  }

  /** Somebody said who they are by what is not known. Of those who are told to wait there is a line each time they begin to. */
  refuse(door: SignInDoor, address: string, { seconds, isNew }: Wait): void {
    const outcome: SignIn = seconds > 0 ? 'limited' : 'refused';
    this.signIns[door][outcome]++;
    if (isNew) this.logger.warn({ message: 'audit', door, address, action: 'sign in', outcome });
  }
}

function byDoor<D extends string, T>(doors: readonly D[], make: () => T): Record<D, T> {
  return Object.fromEntries(doors.map((door) => [door, make()])) as Record<D, T>;
}

function shown(outcome: string, line: AuditLine): Record<string, unknown> {
  const parts = Object.entries({ ...line, outcome }).filter(([, value]) => value !== undefined);
  return { message: 'audit', ...Object.fromEntries(parts.map(([key, value]) => [key, shorten(value, LONGEST)])) };
}
