import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'coordinate-client';
import { cellOf } from '../output/table.js';
import type { Command } from '../table/command.js';
import { working } from './run.js';

const MAKER = 'demo-generator';
const RUNNER = 'demo-runner';
const MS = 200;

/** For trying out: something to look at with `watch`. */
export const demo: Command = {
  words: 'demo',
  about: 'For trying out: a work spec that makes units again and again, one that does them, and a worker for both.',
  options: [
    { name: 'seconds', value: 'N', about: 'end after so long; at SIGTERM or ^C where nothing is said' },
    { name: 'interval', value: 'DURATION', about: 'between two units that are made; 1s where nothing is said' },
    { name: 'jobs', short: 'j', value: 'N', about: 'so many units at a time; 4 where nothing is said' },
  ],
  more: `It sets ${MAKER}, which is continuous and goes on to ${RUNNER}, and leaves them there: \`coordinate spec delete ${MAKER}\` takes one away. One unit of ten fails.`,
  isPatient: true,
  async run(session, args) {
    const { coordinate } = session;
    const interval = (args.duration('interval') ?? 1_000) / 1_000;
    await coordinate.spec(RUNNER).set();
    await coordinate.spec(MAKER).set({ continuous: true, interval, then: RUNNER });
    let made = 0;
    const handlers = {
      [MAKER]: () => ({ output: { [`${Date.now()}-${made++}`]: { made } } }),
      [RUNNER]: async ({ data }: { data: Readonly<Record<string, unknown>> }) => {
        await sleep(MS);
        if (Number(data.made) % 10 === 0) throw new Error('every tenth unit fails');
      },
    };
    const worker = new Worker(coordinate, handlers, {
      concurrency: args.count('jobs') ?? 4,
      prefetch: 0,
      signals: false,
      hooks: { ended: ({ spec, name }, ending) => session.note(`${spec}: ${cellOf(name)}: ${ending}`) },
    });
    const ends = Date.now() + (args.count('seconds') ?? Infinity) * 1000;
    await working(session, worker, () => Promise.resolve(Date.now() >= ends));
  },
};
