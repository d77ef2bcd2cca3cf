import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { Coordinate, NamespaceOverview, SpecStanding } from 'coordinate-client';
import { CoordinateError } from 'coordinate-client';
import { exitCodeOf, ExitCode, messageOf } from '../errors.js';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';
import type { Standing } from './standing.js';
import { CAUSES, standingsOf, STATE } from './standing.js';

/** What was looked at, how it is, and why; a work spec with its state, and when its next unit comes. */
interface Finding extends Partial<SpecStanding> {
  readonly what: string;
  readonly is: 'good' | 'trouble';
  readonly why: string;
}

const COLUMNS: readonly Column<Finding>[] = [
  { title: 'what', value: ({ what }) => what },
  { title: 'is', value: ({ is }) => is },
  STATE,
  ...CAUSES,
];

/** Clocks that differ by more have leases end at odd times; HTTP tells whole seconds. */
const MOST_SKEW_MS = 3_000;
const WAIT_MS = 2_000;
/** A slot that is over so long should have made its unit: daemons look every few seconds. */
const MOST_OVERDUE_MS = 60_000;

export const doctor: Command = {
  words: 'doctor',
  about: 'Looks for what is wrong: connection, rights, clocks, versions, and work that fails or nobody does.',
  options: [
    {
      name: 'wait',
      value: 'DURATION',
      about: 'how long work may lie before it counts as nobody’s; 2s where nothing is said',
    },
  ],
  more: 'It ends with 1 if there is trouble.',
  async run(session, args) {
    const { coordinate, out } = session;
    const findings = await findingsOf(coordinate, args.duration('wait') ?? WAIT_MS);
    await out.rows(COLUMNS, findings);
    if (findings.some(({ is }) => is === 'trouble')) session.status = ExitCode.error;
  },
};

async function findingsOf(coordinate: Coordinate, wait: number): Promise<Finding[]> {
  const begun = Date.now();
  let date: Date | undefined;
  try {
    ({ date } = await coordinate.request({ method: 'GET', path: '/' }));
  } catch (error) {
    return [trouble('connection', messageOf(error))];
  }
  const ended = Date.now();
  const found = [
    good('connection', `it answers in ${ended - begun} ms`),
    clock(date, begun, ended),
    await version(coordinate),
  ];
  try {
    const first = await coordinate.overview();
    found.push(good('rights', 'the namespace may be read'));
    await sleep(wait);
    const overview = await coordinate.overview();
    const workers = await coordinate.workers({ active: true, limit: 1 }).next();
    if (workers.done) found.push(trouble('workers', 'none is active'));
    else found.push(good('workers', 'there are some'));
    found.push(...troubled(first, overview));
  } catch (error) {
    const what = exitCodeOf(error) === ExitCode.denied ? 'rights' : 'namespace';
    found.push(trouble(what, messageOf(error)));
  }
  return found;
}

function clock(date: Date | undefined, begun: number, ended: number): Finding {
  if (date === undefined) return trouble('clocks', 'the daemon does not say what time it is');
  // It was written between the two, and says no fractions.
  const [early, late] = [begun - date.getTime() - 1_000, ended - date.getTime()];
  const skew = early > 0 ? early : late < 0 ? late : 0;
  const text = `that of the daemon is ${Math.abs(skew / 1000).toFixed(1)} s ${skew > 0 ? 'behind' : 'ahead of'} this one`;
  return Math.abs(skew) > MOST_SKEW_MS ? trouble('clocks', text) : good('clocks', 'they agree');
}

async function version(coordinate: Coordinate): Promise<Finding> {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const own = (JSON.parse(manifest) as { version: string }).version;
  try {
    const { value } = await coordinate.request<{ info: { version: string } }>({ method: 'GET', path: '/openapi.json' });
    const other = value.info.version;
    const minor = (text: string): string => text.split('.').slice(0, 2).join('.');
    const about = `daemon ${other}, command ${own}`;
    return minor(other) === minor(own) ? good('versions', about) : trouble('versions', about);
  } catch (error) {
    if (error instanceof CoordinateError) return trouble('versions', messageOf(error));
    throw error;
  }
}

/** Work specs that fail, starve, or of which nothing was claimed between two looks, and slots that have made no unit. */
function troubled(before: NamespaceOverview, now: NamespaceOverview): Finding[] {
  const found = standingsOf(now).flatMap((spec) => {
    const { name, state, nextSlot, counts } = spec;
    const left = counts.available === 1 ? '1 unit available' : `${counts.available} units available`;
    const about = (why: string): Finding[] => [{ ...trouble(name, why), state, nextSlot }];
    if (state === 'failing') return about(spec.why);
    if (state === 'starving' || isUnclaimed(spec, before)) return about(`${left}: ${spec.why}`);
    const isOverdue = nextSlot !== undefined && now.time.getTime() - nextSlot.getTime() > MOST_OVERDUE_MS;
    return isOverdue && spec.meta.nextSlot && !spec.paused ? about('its next slot is over and has made no unit') : [];
  });
  return found.length > 0
    ? found
    : [good('work specs', 'what is available is being done, paused, or waits for its time')];
}

/** Whether it had work that could be done, at both looks, and none was claimed between them. */
function isUnclaimed({ name, state, counts, lastClaim }: Standing, before: NamespaceOverview): boolean {
  const earlier = before.specs.find((spec) => spec.name === name);
  const isSame = earlier?.lastClaim?.getTime() === lastClaim?.getTime();
  return state === 'waiting' && counts.available > 0 && (earlier?.counts.available ?? 0) > 0 && isSame;
}

function good(what: string, why: string): Finding {
  return { what, is: 'good', why };
}

function trouble(what: string, why: string): Finding {
  return { what, is: 'trouble', why };
}
