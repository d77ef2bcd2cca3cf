import type { Connection } from '../wire/connection.js';
import { type Row, type Statement, statement } from '../wire/statement.js';
import { LISTEN, type Message, NOTIFY, readMessage } from './messages.js';

/** How often it is seen whether messages arrive, in milliseconds. */
const PROBE_MS = 10_000;
/** When the next connection is opened after one has ended, in milliseconds. */
const REOPEN_MS = 1_000;
/** The same where there is one that brings no messages. */
const REOPEN_DEAF_MS = 60_000;

/** What somebody makes of the messages that arrive. */
export interface MessageListener {
  /** Messages arrive from now on, or no longer. */
  listening(isListening: boolean): void;
  heard(message: Message): void;
  /** Whether somebody waits here, which others are to know. */
  readonly isWaiting: boolean;
  /** What whoever waits asks the database all the time, and takes a message along; undefined: nothing that would be quick. */
  lookSaying(message: string): Statement | undefined;
  /** What came of that. */
  looked(rows: readonly Row[]): void;
}

/** The connection by which a daemon hears from the others on its database, opened again whenever it is lost. */
export class Listening {
  private connection: Connection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isUp = false;
  /** When it is seen next whether messages arrive; Infinity: it is being seen, or there is no connection. */
  private nextAt = Infinity;
  /** Whether the message sent last has come back. */
  private hasHeardItself = false;

  constructor(
    private readonly connect: () => Promise<Connection>,
    private readonly self: string,
    private readonly listener: MessageListener,
  ) {}

  start(): void {
    void this.open();
  }

  /** Says that somebody waits here. */
  announce(): void {
    const { connection } = this;
    if (this.isUp && connection !== undefined) void this.say(connection, 'waiting');
  }

  /** Has it seen now whether messages arrive, if that is to be seen within so many milliseconds. @returns whether it is */
  seeWithin(ms: number): boolean {
    const { connection } = this;
    if (!this.isUp || connection === undefined || this.nextAt - performance.now() > ms) return false;
    clearTimeout(this.timer);
    this.nextAt = Infinity;
    void this.see(connection, 'waiting');
    return true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.connection?.close();
  }

  private async open(): Promise<void> {
    try {
      const connection = await this.connect();
      if (this.isClosed) return void connection.close();
      this.connection = connection;
      connection.hear(
        (text) => this.hear(text),
        () => this.lost(connection),
      );
      await connection.run([statement(LISTEN)]);
      await this.see(connection, 'who');
    } catch {
      // The next one may do better; until then who waits looks for itself.
      if (this.connection === undefined) this.later(() => this.open(), REOPEN_MS);
      else this.lost(this.connection);
    }
  }

  /** Says something, and sees whether it arrives. A pooler may well take LISTEN, and never hand on a message. */
  private async see(connection: Connection, kind: Message['kind']): Promise<void> {
    this.hasHeardItself = false;
    await this.say(connection, kind);
    if (connection !== this.connection) return;
    if (!this.hasHeardItself) return this.lost(connection, REOPEN_DEAF_MS);
    if (!this.isUp) {
      this.isUp = true;
      this.listener.listening(true);
    }
    this.nextAt = performance.now() + PROBE_MS;
    this.later(() => {
      this.nextAt = Infinity;
      return this.see(connection, this.listener.isWaiting ? 'waiting' : 'here');
    }, PROBE_MS);
  }

  private async say(connection: Connection, kind: Message['kind']): Promise<void> {
    const message = `${kind} ${this.self}`;
    const look = kind === 'waiting' ? this.listener.lookSaying(message) : undefined;
    try {
      const rows = await connection.probe(look ?? statement(NOTIFY, message));
      if (look !== undefined) this.listener.looked(rows);
    } catch {
      this.lost(connection);
    }
  }

  private hear(text: string): void {
    const message = readMessage(text);
    if (message === undefined) return;
    if (message.from === this.self) this.hasHeardItself = true;
    else this.listener.heard(message);
  }

  private lost(connection: Connection, ms = REOPEN_MS): void {
    if (connection !== this.connection) return;
    this.connection = undefined;
    this.nextAt = Infinity;
    void connection.close();
    if (this.isUp) {
      this.isUp = false;
      this.listener.listening(false);
    }
    this.later(() => this.open(), ms);
  }

  private later(act: () => Promise<void>, ms: number): void {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void act(), ms).unref();
  }
}
