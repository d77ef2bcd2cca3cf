import type { ListedAttempt } from 'coordinate-client';
import { safe } from '../output/safe.js';
import type { Column } from '../output/table.js';
import { TableWriter } from '../output/table.js';
import { looking, LOOKING, time } from '../screen/looking.js';
import type { Command } from '../table/command.js';
import { askedOfEach } from './each.js';
import { STATUSES } from './options.js';
import type { Standing } from './standing.js';
import { CAUSES, standingsOf, STATE } from './standing.js';

/** So many workers are asked what they do. */
const MOST_WORKERS = 200;

const perSecond = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

const SPECS: readonly Column<Standing>[] = [
  { title: 'work spec', value: ({ name }) => name },
  STATE,
  ...STATUSES.map((status) => ({
    title: status,
    value: ({ counts }: Standing) => counts[status],
    isNumber: true,
  })),
  { title: 'workers', value: ({ workers }) => workers, isNumber: true },
  { title: 'done/s', value: ({ rates }) => perSecond(rates.lastMinute.finished), isNumber: true },
  { title: 'failed/s', value: ({ rates }) => perSecond(rates.lastMinute.failed), isNumber: true },
  { title: 'done at', value: ({ drainedAt }) => drainedAt && drainedAt.toISOString().slice(0, 19) },
  ...CAUSES,
];

const watch: Command = {
  words: 'watch',
  about: 'Shows how the work of a namespace stands, again and again, until q.',
  options: LOOKING,
  more: 'Rates are of the last minute. Where there is no terminal, the tables stand one below the other.',
  examples: ['watch', 'watch --interval 5s'],
  run: (session, args) =>
    looking(session, args, async () => {
      const { coordinate, settings } = session;
      const overview = await coordinate.overview();
      const head = `${time(overview.time)}  ${safe(settings.urls[0])}  namespace ${safe(JSON.stringify(settings.namespace))}  (q ends it)`;
      return [head, '', ...new TableWriter(SPECS).begin(standingsOf(overview))];
    }),
};

interface Row {
  readonly worker: ListedAttempt['worker'];
  readonly attempts: readonly ListedAttempt[];
}

const WORKERS: readonly Column<Row>[] = [
  { title: 'worker', value: ({ worker }) => worker },
  { title: 'units', value: ({ attempts }) => attempts.length, isNumber: true },
  {
    title: 'longest s',
    value: ({ attempts: [first] }) => first && Math.round((Date.now() - first.startTime.getTime()) / 1000),
    isNumber: true,
  },
  { title: 'work spec', value: ({ attempts: [first] }) => first?.spec },
  { title: 'unit', value: ({ attempts: [first] }) => first?.unit },
];

const top: Command = {
  words: 'top',
  about: 'Shows the active workers and what they have done longest, again and again, until q.',
  options: LOOKING,
  more: `Each look asks about every worker, of at most ${MOST_WORKERS}.`,
  run: (session, args) =>
    looking(session, args, async () => {
      const { coordinate } = session;
      const rows: Row[] = [];
      const workers = coordinate.workers({ active: true, limit: MOST_WORKERS });
      const asked = askedOfEach(workers, async ({ name }) => {
        const attempts: ListedAttempt[] = [];
        for await (const attempt of coordinate.worker(name).activeAttempts()) attempts.push(attempt);
        return { worker: name, attempts };
      });
      for await (const row of asked) rows.push(row);
      const began = ({ attempts: [first] }: Row): number => first?.startTime.getTime() ?? Infinity;
      rows.sort((a, b) => (began(a) === began(b) ? 0 : began(a) - began(b)));
      return [`${time()}  ${rows.length} active workers  (q ends it)`, '', ...new TableWriter(WORKERS).begin(rows)];
    }),
};

export const WATCHING: readonly Command[] = [watch, top];
