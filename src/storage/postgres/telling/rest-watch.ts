import { int8Column } from '../wire/columns.js';
import type { Row, Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { AT_REST } from '../sql/limits.sql.js';

/** Between two looks, in milliseconds. */
const PAUSE_MS = 20;

/**
 * Sees when work specs that others wait for have come to rest. Of two transactions that end the last two units neither may know
 * that it is the last one: so it is looked afterwards, once for all that has been committed meanwhile.
 */
export class RestWatch {
  private readonly noted = new Set<number>();
  private isLooking = false;
  private isClosed = false;

  constructor(
    private readonly query: (question: Statement) => Promise<Row[]>,
    /** A work spec of a namespace has come to rest. */
    private readonly rested: (namespaceId: number) => void,
  ) {}

  /** Less of a work spec is left to be done. */
  note(workSpecId: number): void {
    this.noted.add(workSpecId);
    if (!this.isLooking) void this.look();
  }

  close(): void {
    this.isClosed = true;
    this.noted.clear();
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    while (this.noted.size > 0 && !this.isClosed) {
      const ids = [...this.noted];
      this.noted.clear();
      try {
        for (const [id] of await this.query(statement(AT_REST, int8Column(ids)))) this.rested(Number(id));
      } catch {
        // Whoever waits looks again by themselves every few seconds.
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
    }
    this.isLooking = false;
  }
}
