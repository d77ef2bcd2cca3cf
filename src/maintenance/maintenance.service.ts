import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Injectable, Logger } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { RetentionPolicy } from '../domain/retention.js';
import type { RetentionResult } from '../domain/retention.js';
import { MaintenanceRepository } from './maintenance.repository.js';

/** Between two looks at what retention has to remove. */
const PERIOD_MS = 30_000;
/** Between two rounds while there is more to remove, so that requests come in between. */
const PAUSE_MS = 20;

/** Applies the retention policy from time to time, and when asked to. */
@Injectable()
export class MaintenanceService implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private failing = false;
  private readonly logger = new Logger('retention');

  constructor(
    private readonly maintenance: MaintenanceRepository,
    private readonly policy: RetentionPolicy,
  ) {}

  onModuleInit(): void {
    this.schedule(PERIOD_MS);
  }

  onModuleDestroy(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Applies the policy now to specs of a namespace, all of them where none are named. */
  async archive(namespace: string, workSpecs?: readonly string[]): Promise<void> {
    let result: RetentionResult;
    do result = await this.maintenance.retain(this.policy, { namespace, workSpecs });
    while (result.more && (await pause()));
  }

  /** One round in all namespaces. */
  round(): Awaitable<RetentionResult> {
    return this.maintenance.retain(this.policy);
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.run(), delay);
    this.timer.unref();
  }

  private async run(): Promise<void> {
    let more = false;
    try {
      ({ more } = await this.round());
      this.failing = false;
    } catch (error) {
      // Whatever it is, the next round tries again. It is said once, not at each round of a storage that is away.
      if (!this.failing && !this.stopped) {
        this.logger.warn(`nothing was removed, the next try is in ${PERIOD_MS / 1000} s: ${(error as Error).message}`);
      }
      this.failing = true;
    }
    this.schedule(more ? PAUSE_MS : PERIOD_MS);
  }
}

async function pause(): Promise<true> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  return true;
}
