import { createHash } from 'node:crypto';

/** A SQL command. */
export interface Sql {
  readonly text: string;
  /** Its name as a prepared statement; of the text, so that two versions of a daemon never mean different things by one. */
  readonly name: string;
}

export function sql(text: string): Sql {
  return { text, name: `coordinate_${createHash('sha256').update(text).digest('hex').slice(0, 20)}` };
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

export const BEGIN = statement(sql('BEGIN'));
export const COMMIT = statement(sql('COMMIT'));
export const ROLLBACK = statement(sql('ROLLBACK'));
