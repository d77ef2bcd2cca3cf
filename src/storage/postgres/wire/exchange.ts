import type { Socket } from 'node:net';
import type pg from 'pg';
import type { Row } from './statement.js';

/** Some statements under way, as the driver's client sends a query of its own kind and hands over what comes back. */
export class Exchange implements pg.Submittable {
  private readonly results: Row[][] = [];
  private rows: Row[] = [];
  private isRolledBack = false;

  constructor(
    private readonly message: Buffer,
    /** Told whether a transaction was rolled back, by ROLLBACK or in the place of COMMIT. */
    private readonly done: (results: Row[][], isRolledBack: boolean) => void,
    /** Told how many statements had been carried out before. */
    private readonly fail: (error: Error, completed: number) => void,
  ) {}

  submit(connection: unknown): void {
    (connection as { readonly stream: Socket }).stream.write(this.message);
  }

  handleDataRow({ fields }: { readonly fields: Row }): void {
    this.rows.push(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.results.push(this.rows);
    this.rows = [];
    // A COMMIT of a transaction that has failed rolls back and calls that a success.
    if (text === 'ROLLBACK') this.isRolledBack = true;
  }

  handleReadyForQuery(): void {
    this.done(this.results, this.isRolledBack);
  }

  handleError(error: Error): void {
    this.fail(error, this.results.length);
  }
}
