import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { Coordinate, WorkSpecOverview } from 'coordinate-client';
import { CoordinateError } from 'coordinate-client';
import { exitCodeOf, ExitCode, messageOf } from '../errors.js';
import type { Column } from '../output/table.js';
import type { Command } from '../table/command.js';

/** What was looked at, and how it is. */
interface Finding {
  readonly what: string;
  readonly state: 'good' | 'trouble';
  readonly about: string;
}

const COLUMNS: readonly Column<Finding>[] = [
  { title: 'what', value: ({ what }) => what },
  { title: 'is', value: ({ state }) => state },
  { title: 'about', value: ({ about }) => about },
];

/** Clocks that differ by more have leases end at odd times; HTTP tells whole seconds. */
const MOST_SKEW_MS = 3_000;
const WAIT_MS = 2_000;

export const doctor: Command = {
  words: 'doctor',
  about: 'Looks for what is wrong: connection, rights, clocks, versions, and work that nobody does.',
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
    if (findings.some(({ state }) => state === 'trouble')) session.status = ExitCode.error;
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
    const { specs } = await coordinate.overview();
    const workers = await coordinate.workers({ active: true, limit: 1 }).next();
    if (workers.done) found.push(trouble('workers', 'none is active'));
    else found.push(good('workers', 'there are some'));
    found.push(...neglected(first.specs, specs));
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

/** Work that could be done, and of which nothing was claimed between two looks. */
function neglected(before: readonly WorkSpecOverview[], now: readonly WorkSpecOverview[]): Finding[] {
  const idle = now.filter((spec) => {
    const earlier = before.find(({ name }) => name === spec.name);
    const isSame = earlier?.lastClaim?.getTime() === spec.lastClaim?.getTime();
    return (
      spec.counts.available > 0 && (earlier?.counts.available ?? 0) > 0 && !spec.paused && isSame && spec.workers === 0
    );
  });
  if (idle.length === 0) return [good('work specs', 'what is available is being done, or paused')];
  return idle.map((spec) => {
    const { weight, priority } = spec.meta;
    const above = now.find((other) => other.meta.priority > priority && other.counts.available > 0 && !other.paused);
    const units = `${spec.counts.available} units available`;
    if (weight <= 0) return trouble(spec.name, `${units}, and a weight of ${weight}: it is never given out`);
    if (above)
      return trouble(spec.name, `${units}: it starves, as long as ${above.name} of a higher priority has work`);
    return trouble(spec.name, `${units}, and nobody claims them`);
  });
}

function good(what: string, about: string): Finding {
  return { what, state: 'good', about };
}

function trouble(what: string, about: string): Finding {
  return { what, state: 'trouble', about };
}
