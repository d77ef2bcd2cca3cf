import { setTimeout as sleep } from 'node:timers/promises';
import type { Coordinate, Handler } from 'coordinate-client';
import { Retry, Worker } from 'coordinate-client';
import { UsageError } from '../errors.js';
import { cellOf } from '../output/table.js';
import { runProgram } from '../run/program.js';
import type { Session } from '../session.js';
import type { Arguments } from '../table/arguments.js';
import type { Command } from '../table/command.js';

/** A program that ends with it wants to be run again (EX_TEMPFAIL of sysexits.h). */
const RETRY_STATUS = 75;

/** Becomes the `traceback` of the unit as it is. */
class ProgramFailed extends Error {
  constructor(message: string) {
    super(message);
    this.stack = message;
  }
}

/** Does units of a work spec by a program, until it is told to end. */
export const run: Command = {
  words: 'run',
  about: 'Works: runs a program for each unit of a work spec, until SIGTERM or ^C.',
  takes: 'SPEC -- COMMAND…',
  options: [
    { name: 'jobs', short: 'j', value: 'N', about: 'so many programs at a time; 1 where nothing is said' },
    {
      name: 'lease',
      value: 'DURATION',
      about: 'how long a unit is nobody else’s without a sign of this worker; 2m where nothing is said',
    },
    {
      name: 'time-limit',
      value: 'DURATION',
      about: 'how long the program may take; then it is killed, and its unit has failed',
    },
    { name: 'retry-delay', value: 'DURATION', about: 'how long a unit waits that is to be tried again' },
    { name: 'grace', value: 'DURATION', about: 'how long what runs may go on at the end; 30s where nothing is said' },
    { name: 'worker', value: 'NAME', about: 'the name of this worker; made up where nothing is said' },
    { name: 'until-empty', about: 'end when nothing is left to do' },
  ],
  more:
    'Arguments may have {} in them for the name of the unit, and {data} for its data as JSON. No shell reads them: each stays one argument. The program finds ' +
    '{"spec", "name", "data"} as JSON on its standard input, and COORDINATE_SPEC, COORDINATE_UNIT and, up to 100 KiB, COORDINATE_DATA in its environment. ' +
    'If it ends with 0, the unit is finished; with 75, it comes back; with anything else it has failed, and the end of what it wrote to its standard error says why. ' +
    'Leases are renewed while it runs. At SIGTERM nothing more is begun; what has not ended within the grace is ended, and its unit given back.',
  examples: ['run resize --jobs 4 -- convert {} -resize 640 small/{}', 'run fetch --time-limit 1m -- ./fetch.py'],
  isPatient: true,
  async run(session, args) {
    const { coordinate, io } = session;
    if (args.after.length === 0) throw new UsageError('run: the program goes behind --');
    // Each program that runs listens to both.
    for (const stream of [io.stdout, io.stderr]) stream.setMaxListeners(0);
    // Says at once what no waiting can change: that it is not there, or may not be read.
    await coordinate.spec(args.first).counts();
    const worker = workerOf(session, args);
    await working(session, worker, args.has('until-empty') ? () => isEmpty(coordinate, args.first) : undefined);
  },
};

function workerOf(session: Session, args: Arguments): Worker {
  const { coordinate, io } = session;
  const retryDelay = args.duration('retry-delay');
  const handle: Handler = async (unit, { signal }) => {
    const { code, signal: by, stderr } = await runProgram(args.after, unit, io, signal);
    if (code === 0) return;
    if (code === RETRY_STATUS) throw new Retry({ delay: retryDelay });
    const how = code === null ? `was ended by ${by}` : `ended with ${code}`;
    throw new ProgramFailed(`${stderr}${stderr === '' ? '' : '\n'}${args.after[0]} ${how}`);
  };
  return new Worker(
    coordinate,
    { [args.first]: handle },
    {
      concurrency: args.count('jobs') ?? 1,
      // Programs take long: nothing is held that is not run.
      prefetch: 0,
      lease: args.duration('lease'),
      timeout: args.duration('time-limit'),
      grace: args.duration('grace'),
      name: args.text('worker'),
      signals: false,
      hooks: {
        ended: ({ name }, ending, { ms }) =>
          session.note(`${cellOf(name)}: ${ending} after ${(ms / 1000).toFixed(1)} s`),
      },
    },
  );
}

/** Runs a worker until SIGTERM, SIGINT, or until there is no more to do. */
export async function working(
  { coordinate, io }: Session,
  worker: Worker,
  isDone?: () => Promise<boolean>,
): Promise<void> {
  // A worker asks again whatever is the matter: who may not work is told before it begins.
  await coordinate.worker(worker.name).update();
  const over = new AbortController();
  const stop = (): void => {
    over.abort();
    void worker.stop();
  };
  io.on('SIGTERM', stop);
  io.on('SIGINT', stop);
  try {
    const running = worker.run();
    running.finally(() => over.abort()).catch(() => undefined);
    while (isDone && !over.signal.aborted) {
      if (await isDone()) stop();
      else await sleep(200, undefined, { signal: over.signal }).catch(() => undefined);
    }
    await running;
  } finally {
    io.off('SIGTERM', stop);
    io.off('SIGINT', stop);
  }
}

async function isEmpty(coordinate: Coordinate, spec: string): Promise<boolean> {
  const { available, pending, delayed } = await coordinate.spec(spec).counts();
  return available + pending + delayed === 0;
}
