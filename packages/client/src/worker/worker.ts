import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { DataObject } from '../data/forms.js';
import { milliseconds } from '../duration.js';
import type { Name } from '../names.js';
import { nameKey } from '../names.js';
import type { ClaimedAttempt } from '../rest/attempt.js';
import type { Coordinate } from '../rest/coordinate.js';
import { CoordinateError } from '../rest/coordinate-error.js';
import { Claims } from './claims.js';
import type { Handlers, Middleware, UnitOfWork } from './handler.js';
import { loadedHandlers } from './loaded-handlers.js';
import { HandlerTable, StoppedError } from './handler.js';
import type { Ending, EndingDetails } from './hooks.js';
import { tell } from './hooks.js';
import { Leases } from './leases.js';
import type { Logger } from './logger.js';
import { NO_LOG } from './logger.js';
import type { WorkerOptions, WorkerSettings } from './options.js';
import { settingsOf } from './options.js';
import { Pace } from './pace.js';
import type { Report } from './reporter.js';
import { Reporter } from './reporter.js';
import type { RunResult } from './run.js';
import { Run } from './run.js';
import { onStopSignal } from './signals.js';
import { Work } from './work.js';

/** With so many reports that the daemon has not taken, nothing more is claimed. */
const MOST_REPORTS = 3_000;
/** What is left to report when all has ended may take at least so long, however short the grace was. */
const REPORT_MS = 5_000;

/**
 * Works off units, of the specs that it has handlers for: claims them, calls the handlers, keeps the leases and reports what they came
 * to. While the daemon is away it goes on with what it has, and asks again until it is back.
 */
export class Worker {
  /** Of its own. */
  readonly name: Name;
  private readonly settings: WorkerSettings;
  private readonly log: Logger;
  private readonly middleware: Middleware[] = [];
  private readonly pace = new Pace();
  private readonly waiting: Work[] = [];
  private readonly running = new Map<number, Run>();
  /** By their numbers: all that is claimed, and of which no report was taken. */
  private readonly held = new Map<number, Work>();
  private readonly urls = new Set<string>();
  private readonly counts = { done: 0, failed: 0 };
  private works = 0;
  private seesToTimeouts = true;
  private table!: HandlerTable;
  private leases!: Leases;
  private claims!: Claims;
  private reporter!: Reporter;
  private whole: Promise<void> | undefined;
  private onIdle: (() => void) | undefined;
  private onStop!: () => void;
  private isEnding = false;
  private readonly stopAsked = new Promise<void>((resolve) => (this.onStop = resolve));

  /**
   * @param handlers or the URL of a module whose default they are: `new URL('./handlers.js', import.meta.url)`
   * @throws RangeError for options that cannot be
   */
  constructor(
    /** The namespace that it works in. */
    readonly coordinate: Coordinate,
    private readonly handlers: Handlers | URL,
    private readonly options: WorkerOptions = {},
  ) {
    this.settings = settingsOf(options);
    this.log = options.log ?? NO_LOG;
    this.name = options.name ?? `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
    if (handlers instanceof URL) return;
    if (options.isolate)
      throw new RangeError('isolate: handlers that run elsewhere are given by the URL of their module');
    this.table = new HandlerTable(handlers, []);
  }

  /** The work specs that it asks for; undefined: any, or what a module says that is loaded when it runs. */
  get specs(): readonly string[] | undefined {
    return (this.table as HandlerTable | undefined)?.specs;
  }

  /** Wraps each handler, those that are given first outermost. To be called before it runs. */
  use(middleware: Middleware): this {
    this.middleware.push(middleware);
    return this;
  }

  /**
   * Works until `stop` is called, or the process gets SIGTERM or SIGINT; it never ends because of what happens to units or to the
   * daemon. Resolves when nothing is held any more.
   */
  run(): Promise<void> {
    return (this.whole ??= this.work());
  }

  /** Claims no more, lets what runs come to an end within the grace, and gives back the rest. Resolves when `run` does. */
  async stop(): Promise<void> {
    this.onStop();
    await this.whole;
  }

  private async work(): Promise<void> {
    const { coordinate, name, settings, log } = this;
    const { lease, heartbeat, concurrency, wait } = settings;
    const { signals = true, listen = false, runtimes, availableGb } = this.options;
    const { table, pool } = await loadedHandlers(this.handlers, this.middleware, this.options);
    this.table = table;
    this.seesToTimeouts = !pool;
    const worker = coordinate.worker(name);
    const off = signals ? onStopSignal((signal) => this.stopFor(signal)) : undefined;
    try {
      this.leases = await Leases.keep(
        coordinate,
        name,
        { lease, heartbeat, concurrency, listen },
        {
          log,
          onLost: (id, error) => this.lost(id, error),
        },
      );
      this.reporter = new Reporter(worker, {
        onOver: (works) => this.over(works),
        onRefused: (report, error) => this.refused(report, error),
        onLeft: (reports) => log.warn({ reports }, 'the daemon is away, and the worker stops without these reports'),
      });
      this.claims = new Claims(worker, { specs: this.table.specs, lease, runtimes, availableGb }, wait, {
        room: () => this.room(),
        accept: (units) => this.accept(units),
        isHeld: (url) => this.urls.has(url),
        log,
      });
      this.claims.begin();
      await this.stopAsked;
      await this.end();
    } finally {
      off?.();
      pool?.end();
    }
  }

  private stopFor(signal: string): void {
    this.log.info({ signal, running: this.running.size }, 'stopping');
    void this.stop();
  }

  /** In order: nothing new, what was not begun back, what runs to its end, its reports, and the good-bye. */
  private async end(): Promise<void> {
    const { grace } = this.settings;
    const begun = performance.now();
    this.isEnding = true;
    this.leases.stopping();
    const claimed = this.claims.stop();
    this.putDown();
    if (!(await this.idleWithin(grace))) {
      for (const run of this.running.values()) run.abort('stopped', new StoppedError('the worker stops'));
      await this.idle();
    }
    await claimed;
    await this.reporter.drain(Math.max(REPORT_MS, grace - (performance.now() - begun)));
    await this.claims.giveBackLost().catch((error: unknown) => {
      this.log.warn({ err: error }, 'what the last claim may have got stays claimed until its lease ends');
    });
    await this.leases.end();
  }

  private room(): number {
    const { concurrency, prefetch } = this.settings;
    const { waiting, running, reporter } = this;
    if (reporter.size >= MOST_REPORTS) return 0;
    const ahead = Math.min(prefetch, this.pace.perWindow());
    const free = concurrency + ahead - running.size - waiting.length;
    // While there is enough in hand, a few more at a time would be a request for each.
    return waiting.length > ahead / 2 ? 0 : free;
  }

  private accept(units: readonly ClaimedAttempt[]): void {
    const first = this.works + 1;
    const works = units.map((unit) => new Work(++this.works, unit));
    for (const work of works) {
      this.held.set(work.id, work);
      this.urls.add(work.attempt.url);
    }
    // Before any handler is called, which may let nothing else happen for long.
    this.leases.hold(
      first,
      units.map(({ url }) => url),
    );
    this.waiting.push(...works);
    // The last claim may be answered when the worker ends already.
    if (this.isEnding) this.putDown();
    else this.fill();
  }

  /** Gives back what was not begun. */
  private putDown(): void {
    for (const work of this.waiting.splice(0)) this.reporter.add({ work, outcome: 'expired' });
  }

  /** Begins what there is a place for. */
  private fill(): void {
    while (this.running.size < this.settings.concurrency && this.waiting.length > 0) this.start(this.waiting.shift()!);
  }

  private start(work: Work): void {
    const handler = this.table.of(work.spec);
    if (!handler) {
      this.reporter.add({ work, outcome: 'expired' });
      return;
    }
    this.pace.count();
    const run = new Run(work, this.settings.lease, this.log, (run, result) => this.ended(run, unit, result));
    const unit: UnitOfWork = { spec: work.spec, name: work.unit, data: work.attempt.data as DataObject };
    this.running.set(work.id, run);
    tell(this.log, this.options.hooks?.started, unit);
    const timeout = handler.timeout === undefined ? this.settings.timeout : milliseconds(handler.timeout);
    run.begin(handler.handle, unit, this.seesToTimeouts ? timeout : undefined);
  }

  private ended(run: Run, unit: UnitOfWork, { ending, data, delay, final, error, isAbandoned }: RunResult): void {
    const { work } = run;
    this.running.delete(work.id);
    this.written(unit, ending, { ms: performance.now() - run.begun, error });
    if (isAbandoned)
      this.log.error({ spec: unit.spec, unit: nameKey(unit.name) }, 'a handler goes on though its signal has aborted');
    if (ending === 'lost') this.over([work]);
    else this.reporter.add({ work, outcome: ending, data, delay, final });
    this.fill();
    this.claims.more();
    if (this.running.size === 0) this.onIdle?.();
  }

  private written(unit: UnitOfWork, ending: Ending, details: EndingDetails): void {
    const { ms, error } = details;
    const fields = {
      spec: unit.spec,
      unit: nameKey(unit.name),
      ms: Math.round(ms),
      ...(error !== undefined && { err: error }),
    };
    if (ending === 'failed' || ending === 'lost') this.log.warn(fields, ending);
    else this.log.info(fields, ending);
    if (ending === 'failed') this.counts.failed++;
    else if (ending !== 'lost') this.counts.done++;
    tell(this.log, this.options.hooks?.ended, unit, ending, details);
  }

  private lost(id: number, error: CoordinateError): void {
    const work = this.held.get(id);
    if (!work) return;
    work.lost = error;
    // What is on its way is answered, and that answer counts.
    if (work.isReporting) return;
    const run = this.running.get(id);
    if (run) return run.abort('lost', error);
    const at = this.waiting.indexOf(work);
    if (at !== -1) this.waiting.splice(at, 1);
    else if (this.reporter.drop(work))
      this.log.warn({ spec: work.spec, unit: nameKey(work.unit), err: error }, 'lost before it was reported');
    this.over([work]);
  }

  private refused({ work, outcome }: Report, error: unknown): void {
    this.log.warn(
      { spec: work.spec, unit: nameKey(work.unit), outcome, err: error },
      'the daemon did not take a report',
    );
  }

  /** The worker has nothing to do with them any more. */
  private over(works: readonly Work[]): void {
    for (const work of works) {
      this.held.delete(work.id);
      this.urls.delete(work.attempt.url);
    }
    this.leases.release(works.map(({ id }) => id));
    this.leases.count(this.counts.done, this.counts.failed);
    this.claims.more();
  }

  private idle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => (this.onIdle = resolve));
  }

  private async idleWithin(ms: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)));
    const isIdle = await Promise.race([this.idle().then(() => true), late]);
    clearTimeout(timer);
    return isIdle;
  }
}
