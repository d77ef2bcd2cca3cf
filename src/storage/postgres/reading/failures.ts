import { causeId, UNKNOWN } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import type { FailureGroup } from '../../../domain/work-unit.js';
import type { PostgresStore } from '../postgres-store.js';
import { rowOfSpec } from '../postgres-store.js';
import { CAUSE_COUNT, CAUSE_EXAMPLES, COUNT_CAUSES } from '../sql/causes.sql.js';
import { UNKNOWN_NUMBER } from '../units/unit-image.js';
import { int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import { byteNameOfRow, textOfRow, textParameter } from '../wire/values.js';

interface Counted {
  readonly number: number;
  readonly cause: string;
  readonly count: number;
  /** Undefined where nobody has noted it. */
  readonly first?: Micros;
  readonly last?: Micros;
}

interface Example {
  readonly name: ByteName;
  readonly moment: Micros;
}

/** Causes of the failed units of a spec, those of most units first. @throws NoSuchWorkSpecError */
export async function listFailures(
  store: PostgresStore,
  namespace: string,
  workSpec: string,
  limit: number,
): Promise<FailureGroup[]> {
  const count = statement(COUNT_CAUSES, textParameter(namespace), textParameter(workSpec));
  let rows = await store.pool.query(count);
  let first = rowOfSpec(rows, workSpec);
  if (first[CAUSE_COUNT.isDue] === 't') {
    await store.settlement.settle(
      [{ id: Number(first[CAUSE_COUNT.specId]), namespace, workSpec }],
      Number(first[CAUSE_COUNT.now]),
    );
    rows = await store.pool.query(count);
    first = rowOfSpec(rows, workSpec);
  }
  const counted: Counted[] = rows
    .filter((row) => row[CAUSE_COUNT.cause] !== null)
    .map((row) => ({
      number: Number(row[CAUSE_COUNT.cause]),
      cause: textOfRow(row[CAUSE_COUNT.text]!),
      count: Number(row[CAUSE_COUNT.units]),
      first: Number(row[CAUSE_COUNT.first]),
      last: Number(row[CAUSE_COUNT.last]),
    }));
  const known = counted.reduce((sum, { count }) => sum + count, 0);
  const unknown = Number(first[CAUSE_COUNT.failed]) - known;
  if (unknown > 0) counted.push({ number: UNKNOWN_NUMBER, cause: UNKNOWN, count: unknown });
  counted.sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
  const listed = counted.slice(0, limit);
  const examples = await examplesOf(store, Number(first[CAUSE_COUNT.specId]), listed);
  return listed.map(({ number, cause, count, first, last }, i) => ({
    id: causeId(number),
    // Of one that was counted anew nobody has noted the text.
    cause: cause === '' ? UNKNOWN : cause,
    count,
    first: first ?? Math.min(...examples[i].map(({ moment }) => moment)),
    last: last ?? Math.max(...examples[i].map(({ moment }) => moment)),
    examples: examples[i].map(({ name }) => name),
  }));
}

async function examplesOf(store: PostgresStore, specId: number, of: readonly Counted[]): Promise<Example[][]> {
  const examples: Example[][] = of.map(() => []);
  if (of.length === 0) return examples;
  const rows = await store.pool.query(statement(CAUSE_EXAMPLES, specId, int8Column(of.map(({ number }) => number))));
  for (const [ordinal, name, moment] of rows) {
    examples[Number(ordinal) - 1].push({ name: byteNameOfRow(name!), moment: Number(moment) });
  }
  return examples.map((some) => some.sort((a, b) => (a.name < b.name ? -1 : 1)));
}
