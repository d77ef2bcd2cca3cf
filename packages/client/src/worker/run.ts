import type { RawCbor } from '../cbor/values.js';
import type { Data } from '../data/forms.js';
import type { Logger } from './logger.js';
import { loggerOf } from './logger.js';
import type { Handler, HandlerContext, UnitOfWork } from './handler.js';
import { Fail, Retry, StoppedError } from './handler.js';
import type { Ending } from './hooks.js';
import { failedData, returnedData } from './traceback.js';
import type { Work } from './work.js';
import type { Duration } from '../duration.js';

/** What a run came to, and what is to be reported; nothing of what was lost. */
export interface RunResult {
  readonly ending: Ending;
  readonly data?: Data | RawCbor;
  readonly delay?: Duration;
  /** For `failed`: whether it is not to be tried again. */
  readonly final?: boolean;
  readonly error?: unknown;
  /** Whether the handler goes on, though nobody waits for it any more. */
  readonly isAbandoned?: boolean;
}

/** Why nothing more of a handler is wanted. */
type Cut = 'lost' | 'late' | 'stopped';

/** How long a handler may take to end when its signal has aborted. Then it is left to itself, and its place is free. */
const ABANDON_MS = 1_000;

/** One call of a handler, until it is over or nobody waits for it any more. */
export class Run implements HandlerContext {
  private controller: AbortController | undefined;
  private cut: Cut | undefined;
  private reason: Error | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;
  private logger: Logger | undefined;
  readonly begun = performance.now();

  /** @param onOver is called once */
  constructor(
    readonly work: Work,
    private readonly lease: number,
    private readonly workerLog: Logger,
    private readonly onOver: (run: Run, result: RunResult) => void,
  ) {}

  // Most handlers ask for neither of these, and making them costs more than all the rest.
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.reason && !this.controller.signal.aborted) this.controller.abort(this.reason);
    return this.controller.signal;
  }

  get log(): Logger {
    return (this.logger ??= loggerOf(this.workerLog, this.work.spec, this.work.unit));
  }

  // Handlers take it out of their context.
  readonly renew: HandlerContext['renew'] = (options = {}) =>
    this.work.attempt.renew(this.lease, { ...options, signal: this.signal });

  /** Calls the handler. @param timeout in milliseconds */
  begin(handle: Handler, unit: UnitOfWork, timeout: number | undefined): void {
    if (timeout !== undefined) {
      const late = (): void =>
        this.abort('late', new DOMException(`it took longer than ${timeout} ms`, 'TimeoutError'));
      this.timer = setTimeout(late, Math.min(timeout, 2 ** 31 - 1));
    }
    new Promise((resolve) => resolve(handle(unit, this))).then(
      (value) => this.returned(value),
      (error: unknown) => this.threw(error),
    );
  }

  /** Nothing more of it is wanted. */
  abort(cut: Cut, reason: Error): void {
    if (this.isOver || this.cut) return;
    this.cut = cut;
    this.reason = reason;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.abandon(), ABANDON_MS);
    this.controller?.abort(reason);
  }

  /** Leaves the handler to itself. */
  abandon(): void {
    this.cut ??= 'stopped';
    this.reason ??= new StoppedError('the worker has stopped');
    this.end({ ...this.cutResult(this.reason), isAbandoned: true });
  }

  private returned(value: unknown): void {
    if (this.cut === 'lost' || this.cut === 'late') this.end(this.cutResult(this.reason));
    else this.end({ ending: 'finished', data: returnedData(value) });
  }

  private threw(error: unknown): void {
    if (this.cut) this.end(this.cutResult(error));
    else if (error instanceof Retry) {
      this.end({ ending: 'retryable', delay: error.delay, data: error.data, error: error.cause });
    } else this.end(this.failed(error));
  }

  private cutResult(error: unknown): RunResult {
    if (this.cut === 'lost') return { ending: 'lost', error: this.reason };
    if (this.cut === 'late') return this.failed(this.reason);
    return error instanceof Retry
      ? { ending: 'retryable', delay: error.delay, data: error.data, error: error.cause }
      : { ending: 'expired', error: this.reason };
  }

  private failed(error: unknown): RunResult {
    const { data } = this.work.attempt;
    if (!(error instanceof Fail)) return { ending: 'failed', data: failedData(data, error), error };
    const why = error.cause ?? error;
    return { ending: 'failed', data: failedData(data, why), final: error.final, error: why };
  }

  private end(result: RunResult): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.onOver(this, result);
  }
}
