import pg from 'pg';
import type { Entry } from './workload.js';
import { LEASE_S } from './workload.js';

interface UnitRow {
  readonly spec: string;
  readonly name: string;
  readonly status: number;
  readonly finishes: number;
}

const FINISHED = 3;

/** Compares what clients were told with what the database holds. @returns every contradiction, in words */
export async function audit(url: string, entries: readonly Entry[]): Promise<string[]> {
  const units = await readUnits(url);
  return [
    ...auditAdds(entries, units),
    ...auditFinishes(entries, units),
    ...auditClaims(entries),
    ...(await auditCounts(url)),
  ];
}

async function readUnits(url: string): Promise<Map<string, UnitRow>> {
  const rows = await query<UnitRow>(
    url,
    `SELECT convert_from(s.name, 'UTF8') AS spec, convert_from(u.name, 'UTF8') AS name, u.status,
       (SELECT count(*) FROM coordinate.attempt a WHERE a.work_spec_id = s.id AND a.work_unit = u.name AND a.status = 2)::int
         + (u.attempt_status IS NOT DISTINCT FROM 2)::int AS finishes
     FROM coordinate.work_unit u JOIN coordinate.work_spec s ON s.id = u.work_spec_id`,
  );
  return new Map(rows.map((row) => [`${row.spec}/${row.name}`, row]));
}

/** Acknowledged additions are there; nothing is there that nobody added. */
function* auditAdds(entries: readonly Entry[], units: ReadonlyMap<string, UnitRow>): Iterable<string> {
  const tried = new Set<string>();
  for (const entry of entries) {
    if (entry.did === 'adding') for (const unit of entry.units) tried.add(unit);
    if (entry.did !== 'added') continue;
    for (const unit of entry.units) if (!units.has(`first/${unit}`)) yield `${unit} was added and is not there`;
  }
  for (const { spec, name } of units.values()) {
    if (spec === 'first' && !tried.has(name)) yield `${name} is there and nobody added it`;
  }
}

/** Acknowledged successes are there, once, with what was chained from them; nothing else was chained. */
function* auditFinishes(entries: readonly Entry[], units: ReadonlyMap<string, UnitRow>): Iterable<string> {
  for (const entry of entries) {
    if (entry.did !== 'finished') continue;
    const unit = units.get(`${entry.spec}/${entry.unit}`);
    if (unit?.status !== FINISHED) yield `${entry.spec}/${entry.unit} was finished and reads ${unit?.status}`;
  }
  for (const { spec, name, status, finishes } of units.values()) {
    if (finishes > 1) yield `${spec}/${name} was finished ${finishes} times`;
    if ((status === FINISHED) !== (finishes === 1)) yield `${spec}/${name} reads ${status} with ${finishes} successes`;
    if (spec === 'first' && status === FINISHED && !units.has(`second/${name}-next`)) {
      yield `${name} was finished and its chained unit is not there`;
    }
    if (spec === 'second' && units.get(`first/${name.replace(/-next$/, '')}`)?.status !== FINISHED) {
      yield `${name} is there though what it is chained from was not finished`;
    }
  }
}

/**
 * No unit was handed out while the lease of another claim on it ran. A lease begins after it was asked for, so that it
 * ends no sooner than its length after that.
 */
function* auditClaims(entries: readonly Entry[]): Iterable<string> {
  const claims = new Map<string, { asked: number; at: number; worker: string }[]>();
  const over = new Map<string, number>();
  for (const entry of entries) {
    if (entry.did === 'claimed') {
      const key = `${entry.spec}/${entry.unit}`;
      claims.set(key, [...(claims.get(key) ?? []), entry]);
    }
    if (entry.did === 'finished') over.set(`${entry.spec}/${entry.unit}`, entry.at);
  }
  for (const [unit, all] of claims) {
    all.sort((a, b) => a.at - b.at);
    for (let i = 1; i < all.length; i++) {
      const [before, after] = [all[i - 1], all[i]];
      if (after.at < before.asked + LEASE_S * 1000) {
        yield `${unit} was given to ${after.worker} while the lease of ${before.worker} ran`;
      }
    }
    const finished = over.get(unit);
    if (finished !== undefined && all.at(-1)!.asked > finished) yield `${unit} was given out after it was finished`;
  }
}

/** The counters agree with the units. */
async function* auditCountsOf(url: string): AsyncIterable<string> {
  const rows = await query<{ spec: string; status: number; counted: number; there: number }>(
    url,
    `SELECT s.id::text AS spec, v.status, v.counted::int, (SELECT count(*) FROM coordinate.work_unit u
       WHERE u.work_spec_id = s.id AND u.status = v.status)::int AS there
     FROM coordinate.work_spec s
     CROSS JOIN LATERAL (SELECT sum(available) AS a, sum(delayed) AS d, sum(pending) AS p, sum(finished) AS f,
       sum(failed) AS x FROM coordinate.work_spec_count c WHERE c.work_spec_id = s.id) c
     CROSS JOIN LATERAL (VALUES (0, c.a), (1, c.d), (2, c.p), (3, c.f), (4, c.x)) v (status, counted)`,
  );
  for (const { spec, status, counted, there } of rows) {
    if (counted !== there) yield `spec ${spec} counts ${counted} units of status ${status} and has ${there}`;
  }
}

async function auditCounts(url: string): Promise<string[]> {
  const found: string[] = [];
  for await (const each of auditCountsOf(url)) found.push(each);
  return found;
}

async function query<R extends object>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}
