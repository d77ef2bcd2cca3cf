import { createInterface } from 'node:readline/promises';
import type { Coordinate } from 'coordinate-client';
import { connect } from 'coordinate-client';
import { messageOf, UsageError } from './errors.js';
import type { Io } from './io.js';
import { Output } from './output/output.js';
import { safe } from './output/safe.js';
import type { Settings } from './settings/settings.js';

/** Requests that change many units may take long. */
const CHANGE_MS = 600_000;

/** What commands share: the connection, what they say, and the status that the program ends with. */
export class Session {
  /** What the program ends with when nothing goes wrong. */
  status = 0;
  readonly out: Output;
  private connected: Coordinate | undefined;

  constructor(
    readonly settings: Settings,
    readonly io: Io,
    private readonly isPatient = false,
  ) {
    this.out = new Output(io.stdout, settings.output, this.isColored);
  }

  /** The namespace to work in. @throws UsageError */
  get coordinate(): Coordinate {
    return (this.connected ??= this.connect());
  }

  /** For requests that change as many units as there are. */
  get change(): { readonly timeout: number } {
    return { timeout: this.settings.timeout ?? CHANGE_MS };
  }

  get isColored(): boolean {
    return this.io.stdout.isTTY === true && !this.io.env.NO_COLOR && this.io.env.TERM !== 'dumb';
  }

  /** A line for whoever looks on, apart from what was asked for. */
  note(text: string): void {
    this.io.stderr.write(`${safe(text)}\n`);
  }

  /** Asks before what can not be undone. @param what `delete 5 units of x` @returns whether it is to be done @throws UsageError */
  async confirmed(what: string): Promise<boolean> {
    if (this.settings.yes) return true;
    const { stdin, stderr } = this.io;
    if (!stdin.isTTY) throw new UsageError(`this would ${safe(what)}: say --yes, since nobody can be asked`);
    const lines = createInterface({ input: stdin, output: stderr, terminal: false });
    // Whoever ends the input says no.
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`This will ${safe(what)}. Go on? [y/N] `), ended]);
    lines.close();
    if (/^\s*(?:y|yes)\s*$/i.test(answer)) return true;
    this.note('nothing was done');
    this.status = 1;
    return false;
  }

  close(): void {
    this.connected?.close();
  }

  private connect(): Coordinate {
    const { urls, namespace, token, insecure, timeout, ca } = this.settings;
    try {
      return connect(urls, {
        namespace,
        token,
        insecure,
        timeout,
        retry: this.isPatient,
        tls: ca === undefined ? undefined : { ca },
        onWarning: ({ key, reason }) => this.note(`warning: ${key}: ${reason}`),
      });
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(messageOf(error));
      throw error;
    }
  }
}
