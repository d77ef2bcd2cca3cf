import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { SpecCondition } from '../../domain/work-unit.js';
import { NamespacesService } from '../../namespaces/namespaces.service.js';
import { StorageHealth } from '../../storage/storage-health.js';
import { type ShownSpec, ShownSpecs } from './shown-specs.js';
import { Telemetry } from '../telemetry.js';
import { Tally } from '../../timing/tally.js';

/** From 2^-14 s (60 µs) on, doubling: counting is a matter of microseconds in memory and of milliseconds in a database. */
export const COUNTING_BOUNDS = Array.from({ length: 18 }, (_, index) => 2 ** (index - 14));

const MILLISECONDS = 1000;
/** A database is not asked to count again before so many milliseconds: scrapes are free to come from many places. */
const FRESH_MS = 10_000;

/** What the storage says of itself and of all work, as far as metrics need it. */
@Injectable()
export class StorageView {
  /** Why the storage could not serve when it was last asked, undefined when it could. */
  trouble: string | undefined;
  /** The specs there were when the storage last could tell. */
  specs: readonly SpecCondition[] = [];
  /** Those of them that have series of their own, and last, where there are more, all others together. */
  shown: readonly ShownSpec[] = [];
  /** How long counting took. */
  readonly seconds = new Tally(COUNTING_BOUNDS);
  private reading: Promise<void> | undefined;
  private freshUntil = -Infinity;
  private readonly freshMs: number;
  private readonly choice: ShownSpecs;

  constructor(
    private readonly namespaces: NamespacesService,
    private readonly health: StorageHealth,
    private readonly telemetry: Telemetry,
    { backend, metrics }: Config,
  ) {
    this.choice = new ShownSpecs(metrics.maxSpecs);
    this.freshMs = backend.kind === 'memory' ? 0 : FRESH_MS;
  }

  /** Reads it anew, unless it is doing so. Never rejects: a storage that is away is what metrics are to tell. */
  refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<void> {
    try {
      this.trouble = await this.health.ready();
      if (this.trouble === undefined && performance.now() >= this.freshUntil) await this.count();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    this.shown = await this.choice.choose(this.specs, this.telemetry.work);
  }

  private async count(): Promise<void> {
    const begun = performance.now();
    const specs = await this.namespaces.stored.conditions();
    const ended = performance.now();
    this.seconds.add((ended - begun) / MILLISECONDS);
    this.specs = specs;
    await this.telemetry.work.forgetAllBut(specs, begun);
    this.freshUntil = ended + this.freshMs;
  }
}
