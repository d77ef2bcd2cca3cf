import { createHash } from 'node:crypto';

/** A SQL command. */
export interface Sql {
  readonly text: string;
  /** Its name as a prepared statement; of the text, so that two versions of a daemon never mean different things by one. */
  readonly name: string;
  /** Whether it only asks, so that it may be asked once more when nobody heard the answer. */
  readonly isQuestion: boolean;
  /** Whether it may well take longer than a request waits for the database. */
  readonly isLasting: boolean;
}

/** A command that changes or locks something. */
export function sql(text: string): Sql {
  return command(text, false);
}

/** A command that changes and locks nothing. */
export function question(text: string): Sql {
  return command(text, true);
}

/** The same, of work that no client waits for: dumps, restoring, retention. */
export function lasting(command: Sql): Sql {
  return { ...command, isLasting: true };
}

function command(text: string, isQuestion: boolean): Sql {
  const name = `coordinate_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`;
  return { text, name, isQuestion, isLasting: false };
}

export type Parameter = Buffer | number | string | boolean | null;

/** A command with its parameters. */
export interface Statement {
  readonly sql: Sql;
  readonly values: readonly Parameter[];
}

/** A row as the database wrote it: the text form of each column. */
export type Row = (string | null)[];

export function statement(command: Sql, ...values: Parameter[]): Statement {
  return { sql: command, values };
}

/** Said each time: a role or a database may have another default, behind a pooler too. */
export const BEGIN = statement(sql('BEGIN ISOLATION LEVEL READ COMMITTED'));
export const COMMIT = statement(sql('COMMIT'));
export const ROLLBACK = statement(sql('ROLLBACK'));
