import { Injectable } from '@nestjs/common';
import type { Micros } from '../../../domain/time.js';
import { WorkersService } from '../../../workers/workers.service.js';
import type { ByteName } from '../../../domain/names.js';
import type { Awaitable } from '../../../domain/awaitable.js';
import type { Failure, NamespaceOverview } from '../../../domain/overview.js';
import { OverviewService } from '../../overview/overview.service.js';

/** So many active workers are looked at: to see who has come or gone of more would take too long. */
const MOST_WORKERS = 10_000;
/** So many failures of one work spec are told at a time. */
const MOST_FAILURES = 20;

/** What is looked at. */
export type LookedAt = Pick<EventSource, 'overview' | 'failures' | 'activeWorkers'>;

/** Where it is looked what there is to tell of a namespace. Several daemons on one storage see the same. */
@Injectable()
export class EventSource {
  constructor(
    private readonly overviews: OverviewService,
    private readonly workers: WorkersService,
  ) {}

  overview(namespace: string): Awaitable<NamespaceOverview> {
    return this.overviews.stored.read(namespace);
  }

  failures(namespace: string, workSpecs: readonly string[], since: Micros): Awaitable<Failure[]> {
    return this.overviews.stored.failures(namespace, workSpecs, since, MOST_FAILURES);
  }

  /** The names of the workers that are active. */
  async activeWorkers(namespace: string): Promise<ByteName[]> {
    const workers = await this.workers.stored.list(namespace, { active: true, limit: MOST_WORKERS });
    return workers.map(({ name }) => name);
  }
}
