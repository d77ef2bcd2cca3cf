import type { Data } from '../../data/forms.js';
import type { Duration } from '../../duration.js';
import { milliseconds } from '../../duration.js';
import type { RawCbor } from '../../cbor/values.js';
import type { Handler, HandlerContext, Handlers, UnitOfWork } from '../handler.js';
import type { FromChild, RemoteSpec } from './messages.js';
import { receivedData, receivedError, sentData, sentError } from './messages.js';
import type { Isolation, Place } from './places.js';
import { placeOf } from './places.js';

export interface Recycling {
  /** Each is replaced after so many units. */
  readonly units?: number;
  /** And when it has so many bytes of memory: RSS of a process, heap of a thread. */
  readonly bytes?: number;
}

/** The child did not do its part: it was killed, ran out of memory, or ended by itself. */
export class ChildError extends Error {
  override readonly name = 'ChildError';
}

/** How long a handler may take to end when its signal aborts, before its child is ended. */
const KILL_MS = 900;

interface Task {
  readonly context: HandlerContext;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A child with what it works on. */
class Child {
  private readonly place: Place;
  private task: Task | undefined;
  private units = 0;
  isOver = false;
  readonly ready: Promise<readonly RemoteSpec[]>;
  private onReady!: (specs: readonly RemoteSpec[]) => void;
  private onUnready!: (error: Error) => void;

  constructor(
    kind: Isolation,
    module: string,
    private readonly recycling: Recycling,
    private readonly onOver: (child: Child) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.onReady = resolve;
      this.onUnready = reject;
    });
    // Who asks for it hears of it; the others hear of it by their units.
    this.ready.catch(() => undefined);
    this.place = placeOf(kind, module, { hear: (message) => this.hear(message), ended: (why) => this.ended(why) });
  }

  /** @param timeout in milliseconds, from when the child is there */
  async work({ spec, name, data }: UnitOfWork, context: HandlerContext, timeout?: number): Promise<unknown> {
    await this.ready;
    const { signal } = context;
    signal.throwIfAborted();
    let late: Error | undefined;
    let killing: ReturnType<typeof setTimeout> | undefined;
    const abort = (): void => {
      this.place.send({ abort: sentError(late ?? signal.reason) });
      killing ??= setTimeout(() => this.kill(), KILL_MS);
    };
    const timing =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            late = new DOMException(`it took longer than ${timeout} ms`, 'TimeoutError');
            abort();
          }, timeout);
    try {
      const returned = await new Promise((resolve, reject) => {
        this.task = { context, resolve, reject };
        this.place.send({ spec, name, data: sentData(data) });
        signal.addEventListener('abort', abort, { once: true });
      });
      if (late) throw late;
      return returned;
    } catch (error) {
      throw late ?? error;
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(timing);
      clearTimeout(killing);
    }
  }

  kill(): void {
    this.place.kill();
  }

  private hear(message: FromChild): void {
    if ('ready' in message) this.onReady(message.ready);
    else if ('unready' in message) {
      this.onUnready(receivedError(message.unready));
      this.kill();
    } else if ('log' in message) this.task?.context.log[message.log](message.fields, message.message);
    else if ('renew' in message) void this.renew(message);
    else {
      const { task } = this;
      this.task = undefined;
      this.recycle(message.memory);
      if ('thrown' in message) task?.reject(receivedError(message.thrown));
      else task?.resolve(message.returned && receivedData(message.returned));
    }
  }

  private recycle(memory: number): void {
    const { units = Infinity, bytes = Infinity } = this.recycling;
    if (++this.units < units && memory < bytes) return;
    this.isOver = true;
    this.kill();
  }

  private async renew({ renew, data }: Extract<FromChild, { renew: number }>): Promise<void> {
    try {
      await this.task?.context.renew({ data: data && (receivedData(data) as Data | RawCbor) });
      this.place.send({ renewed: renew });
    } catch (error) {
      this.place.send({ renewed: renew, error: sentError(error) });
    }
  }

  private ended(why: string): void {
    this.isOver = true;
    const error = new ChildError(why);
    this.onUnready(error);
    this.task?.reject(error);
    this.task = undefined;
    this.onOver(this);
  }
}

/** Processes or threads in which handlers run, as many as run at a time. */
export class Pool {
  private readonly children = new Set<Child>();
  private readonly idle: Child[] = [];

  constructor(
    private readonly kind: Isolation,
    private readonly module: string,
    private readonly recycling: Recycling,
    private readonly timeout: Duration | undefined,
  ) {}

  /** @returns handlers that have theirs called in a child, and see to their timeouts @throws what keeps the module from being loaded */
  async handlers(): Promise<Handlers> {
    const child = this.start();
    const specs = await child.ready;
    this.idle.push(child);
    return Object.fromEntries(
      specs.map(({ spec, timeout = this.timeout }): [string, Handler] => {
        const ms = timeout === undefined ? undefined : Math.min(milliseconds(timeout), 2 ** 31 - 1);
        return [spec, (unit, context) => this.work(unit, context, ms)];
      }),
    );
  }

  /** Ends all of them, whatever they do. */
  end(): void {
    for (const child of this.children) child.kill();
  }

  private async work(unit: UnitOfWork, context: HandlerContext, timeout?: number): Promise<unknown> {
    let child = this.idle.pop();
    while (child?.isOver) child = this.idle.pop();
    child ??= this.start();
    try {
      return await child.work(unit, context, timeout);
    } finally {
      if (!child.isOver) this.idle.push(child);
    }
  }

  private start(): Child {
    const child = new Child(this.kind, this.module, this.recycling, (over) => this.children.delete(over));
    this.children.add(child);
    return child;
  }
}
