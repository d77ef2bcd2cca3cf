import { Worker as Thread } from 'node:worker_threads';
import type { Name } from '../names.js';
import type { Coordinate } from '../rest/coordinate.js';
import type { CoordinateError } from '../rest/coordinate-error.js';
import { errorOf } from '../rest/errors.js';
import type { RestOptions } from '../rest/rest-client.js';
import type { Transport } from '../rest/transport.js';
import type { ClaimedLeases } from './claimed-leases.js';
import { rangesOf } from './claimed-leases.js';
import type { FromKeeper, KeeperSettings, ToKeeper } from './keeper.js';
import { Keeper } from './keeper.js';
import type { ThreadData } from './keeper-thread.js';
import type { Logger } from './logger.js';

/** How long the thread may take to say good-bye for the worker. */
const END_MS = 3_000;

/** How long after its end, which nobody expects, the thread is started again. */
const AGAIN_MS = 1_000;

/** What `connect` was given. */
type GivenOptions = RestOptions & { readonly tls?: object; readonly transport?: Transport };

interface Listener {
  readonly log: Logger;
  readonly onLost: (id: number, error: CoordinateError) => void;
}

/** The leases of a worker, which are kept by a thread of their own, or here where requests go ways that a thread does not know. */
export class Leases {
  /** The addresses of their attempts. */
  private readonly held = new Map<number, string>();
  private thread: Thread | undefined;
  private keeper: Keeper | undefined;
  private readonly renewingToken: ReturnType<typeof setInterval> | undefined;
  private readonly ended: Promise<void>;
  private onEnded!: () => void;
  private isEnding = false;

  private constructor(
    private readonly coordinate: Coordinate,
    private readonly name: Name,
    private readonly settings: KeeperSettings,
    private token: string | undefined,
    private readonly listener: Listener,
  ) {
    this.ended = new Promise((resolve) => (this.onEnded = resolve));
    const { transport, token: given } = coordinate.client.options as GivenOptions;
    if (transport) {
      this.keeper = new Keeper(coordinate.worker(name), settings, (message) => this.hear(message));
      return;
    }
    this.startThread();
    if (typeof given !== 'function') return;
    this.renewingToken = setInterval(() => void this.passToken(given), settings.lease / 6);
    this.renewingToken.unref();
  }

  static async keep(coordinate: Coordinate, name: Name, settings: KeeperSettings, listener: Listener): Promise<Leases> {
    const { token } = coordinate.client.options;
    return new Leases(coordinate, name, settings, await firstToken(token, listener.log), listener);
  }

  /** @param first their number: that of the first, which the others follow @param urls the addresses of their attempts */
  hold(first: number, urls: readonly string[]): void {
    for (const [i, url] of urls.entries()) this.held.set(first + i, url);
    this.say({ hold: leasesOf(first, urls) });
  }

  /** No longer held, in whatever way that came about. */
  release(ids: readonly number[]): void {
    for (const id of ids) this.held.delete(id);
    this.say({ release: rangesOf(ids) });
  }

  count(done: number, failed: number): void {
    this.say({ done, failed });
  }

  stopping(): void {
    this.say({ stopping: true });
  }

  /** Says good-bye for the worker. */
  async end(): Promise<void> {
    this.isEnding = true;
    clearInterval(this.renewingToken);
    const late = setTimeout(this.onEnded, END_MS);
    this.say({ end: true });
    await this.ended;
    clearTimeout(late);
    await this.thread?.terminate();
  }

  private startThread(): void {
    const { client, namespace } = this.coordinate;
    const { timeout, insecure, data, tls } = client.options as GivenOptions;
    const workerData: ThreadData = {
      urls: client.urls,
      options: { timeout, insecure, data },
      tls,
      token: this.token,
      namespace,
      name: this.name,
      settings: this.settings,
    };
    const thread = new Thread(new URL('./keeper-thread.js', import.meta.url), { workerData, execArgv: [] });
    this.thread = thread;
    thread.on('message', (message: FromKeeper) => this.hear(message));
    thread.on('error', (error) => this.listener.log.error({ err: error }, 'the thread that keeps leases failed'));
    thread.on('exit', () => {
      if (this.isEnding) return this.onEnded();
      // What it held was renewed at most a third of a lease ago, and may be for as long again.
      setTimeout(() => {
        if (this.isEnding) return;
        this.startThread();
        for (const [id, url] of this.held) this.say({ hold: leasesOf(id, [url]) });
      }, AGAIN_MS);
    });
  }

  private say(message: Exclude<ToKeeper, { readonly token: string }>): void {
    if (this.keeper) this.keeper.take(message);
    else this.thread?.postMessage(message);
  }

  private hear(message: FromKeeper): void {
    if ('ended' in message) return this.onEnded();
    const { lost, status, ...body } = message;
    this.held.delete(lost);
    this.listener.onLost(lost, errorOf(status, body));
  }

  private async passToken(give: () => string | Promise<string>): Promise<void> {
    try {
      this.token = await give();
      this.thread?.postMessage({ token: this.token } satisfies ToKeeper);
    } catch (error) {
      this.listener.log.warn({ err: error }, 'no token could be had');
    }
  }
}

function leasesOf(first: number, urls: readonly string[]): ClaimedLeases {
  return { first, size: urls.length, urls: urls.join('\n') };
}

/** That of a function that fails may come later, as it may when it fails later. */
async function firstToken(token: RestOptions['token'], log: Logger): Promise<string | undefined> {
  if (typeof token !== 'function') return token;
  try {
    return await token();
  } catch (error) {
    log.warn({ err: error }, 'no token could be had');
    return '';
  }
}
