import type { Row } from '../wire/statement.js';

/** What another session is called in a log, as far as this user may see it. @param row - of a statement of holders.sql.ts */
function readHolder([pid, application, user, address, port, state, since, gid]: Row): string {
  if (pid === null) return gid === null ? 'a prepared transaction' : `the prepared transaction ${gid} of ${since}`;
  const details = [
    application && `application_name ${JSON.stringify(application)}`,
    user !== null && `user ${JSON.stringify(user)}`,
    address !== null ? `from ${address}:${port}` : port === '-1' && 'over a Unix socket',
    since !== null && `since ${since}`,
    state,
  ].filter(Boolean);
  return `pid ${pid}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}

/** When to tell who is waited for. */
export interface Telling {
  /** A wait that is shorter than this, in milliseconds, is not worth a word. */
  readonly firstMs: number;
  /** After so many milliseconds more it is said again, though it is the same. */
  readonly againMs: number;
  /** What is waited for, in words. */
  readonly what: string;
}

/** Tells who holds what is waited for: soon, when it is somebody else, and now and then. */
export class Waiting {
  private readonly begun = performance.now();
  private told: { readonly holders: string; readonly at: number } | undefined;
  /** Who held it when somebody last looked. */
  private holders = '';

  constructor(
    private readonly telling: Telling,
    private readonly tell: (line: string) => void,
  ) {}

  /** Since this began, in milliseconds. */
  get lasts(): number {
    return performance.now() - this.begun;
  }

  /** Has been looked at: it is held by those, who may be none. */
  see(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    this.holders = rows.map(readHolder).join(' and ');
    const { lasts, told, telling } = this;
    if (lasts < telling.firstMs) return;
    if (told?.holders === this.holders && lasts - told.at < telling.againMs) return;
    this.told = { holders: this.holders, at: lasts };
    this.tell(`waiting for ${telling.what}, held by ${this.holders}`);
  }

  /** What is said when it has taken too long. */
  get inVain(): string {
    const seconds = Math.round(this.lasts / 1000);
    return `waited ${seconds} s in vain for ${this.telling.what}${this.holders && `, held by ${this.holders}`}`;
  }
}
