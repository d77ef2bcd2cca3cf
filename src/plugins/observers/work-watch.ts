import { Logger } from '@nestjs/common';
import { FIVE_MINUTES, isFailing, type NamespaceOverview, recentOf } from '../../domain/overview.js';
import type { Clock, Micros } from '../../domain/time.js';
import { EventFeed } from '../../live/events/rest/event-feed.js';
import { dataOf } from '../../live/events/rest/event-frames.js';
import type { LookedAt } from '../../live/events/rest/event-source.js';
import type { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import { homeIn, workSpecUrl } from '../../rest/links.js';
import { formatTime } from '../../rest/time.js';
import { messageOf } from '../plugin-error.js';
import type { WorkEvent } from './work-event.js';

/** Between two looks, in milliseconds. */
const PERIOD_MS = 1_000;

/** Of these, which programs would have to ask for, streams tell how all work specs stand; observers ask for what they want. */
const UNTOLD: ReadonlySet<string> = new Set(['overview', 'cancelled']);

interface Watched {
  readonly feed: EventFeed;
  /** Work specs that were failing at the last look. */
  failing: ReadonlySet<string>;
  /** How the namespace stood when the feed looked last. */
  overview: NamespaceOverview | undefined;
}

/**
 * Looks once a second what has happened in all namespaces, as streams of events do in those that somebody listens to. What happened before the
 * first look is told to nobody.
 */
export class WorkWatch {
  private readonly namespaces = new Map<string, Watched>();
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;
  /** When the last look began; undefined: there was none. */
  private seenAt: Micros | undefined;
  private isFailing = false;
  private readonly logger = new Logger('plug-ins');

  /** @param tell - is told what has happened */
  constructor(
    private readonly source: LookedAt,
    private readonly stored: Pick<NamespaceRepository, 'list'>,
    private readonly clock: Clock,
    private readonly tell: (event: WorkEvent) => void,
    private readonly periodMs = PERIOD_MS,
  ) {}

  /** Looks, and again and again from then on. */
  async begin(): Promise<void> {
    await this.look();
    if (this.isOver) return;
    this.timer = setTimeout(() => void this.begin(), this.periodMs).unref();
  }

  end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    try {
      const now = await this.clock.now();
      const names = await this.stored.list();
      for (const name of names) {
        if (this.isOver) return;
        await this.lookAt(name);
      }
      for (const name of [...this.namespaces.keys()]) if (!names.includes(name)) this.namespaces.delete(name);
      this.seenAt = now;
      this.isFailing = false;
    } catch (error) {
      // The storage may be away. It is said once, and told on when it is back.
      if (!this.isFailing && !this.isOver) this.logger.warn(`observers hear nothing: ${messageOf(error)}`);
      this.isFailing = true;
    }
  }

  private async lookAt(namespace: string): Promise<void> {
    let watched = this.namespaces.get(namespace);
    if (!watched) this.namespaces.set(namespace, (watched = this.watch(namespace)));
    for (const event of await watched.feed.look()) {
      const { type } = event;
      if (!UNTOLD.has(type)) this.tell({ namespace, type, ...(JSON.parse(dataOf(event)) as object) } as WorkEvent);
    }
    this.tellFailing(namespace, watched);
  }

  /** One that was not there at the last look began empty. */
  private watch(namespace: string): Watched {
    const seen: Watched = {
      feed: new EventFeed(
        {
          overview: async (name) => (seen.overview = await this.source.overview(name)),
          failures: (...asked) => this.source.failures(...asked),
          activeWorkers: (name) => this.source.activeWorkers(name),
        },
        homeIn('', namespace),
        this.seenAt,
      ),
      failing: new Set(),
      overview: undefined,
    };
    return seen;
  }

  private tellFailing(namespace: string, watched: Watched): void {
    const { now, specs } = watched.overview!;
    const failing = specs.filter(isFailing);
    const before = watched.failing;
    watched.failing = new Set(failing.map(({ workSpec }) => workSpec));
    if (this.seenAt === undefined) return;
    for (const { workSpec: name, recent } of failing) {
      if (before.has(name)) continue;
      const failed = recentOf(recent, FIVE_MINUTES, 'failed');
      this.tell({
        namespace,
        type: 'failing',
        time: formatTime(now),
        url: workSpecUrl(homeIn('', namespace), name),
        name,
        failed,
        ended: failed + recentOf(recent, FIVE_MINUTES, 'finished'),
      });
    }
  }
}
