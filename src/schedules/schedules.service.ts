import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Injectable, Logger } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import { Alarm } from '../live/waiting/alarm.js';
import type { ByteName } from '../domain/names.js';
import { ScheduleRepository } from './schedule.repository.js';

/** While the storage is away it is looked so often, in milliseconds. */
const TROUBLE_MS = 1_000;

/** Starts what schedules have come due, by one timer for all of them. */
@Injectable()
export class SchedulesService implements OnApplicationBootstrap, OnModuleDestroy {
  /** Slots that this daemon has made units of since it started, and those that have gone by without one. */
  made = 0;
  missed = 0;
  private readonly alarm = new Alarm(() => void this.look());
  private isLooking = false;
  /** A schedule has been set while it looked. */
  private isNews = false;
  private isStopped = false;
  /** At first the storage may not have opened yet, of which others tell. */
  private isFailing = true;
  private readonly logger = new Logger('schedules');

  constructor(private readonly schedules: ScheduleRepository) {}

  onApplicationBootstrap(): void {
    this.schedules.tell(() => {
      if (this.isLooking) this.isNews = true;
      else this.lookIn(0);
    });
    this.lookIn(0);
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    this.alarm.off();
  }

  /** As ScheduleRepository.runNow. */
  runNow(namespace: string, workSpec: string): Awaitable<ByteName> {
    return this.schedules.runNow(namespace, workSpec);
  }

  private lookIn(ms: number): void {
    if (!this.isStopped && ms < Infinity) this.alarm.setFor(performance.now() + ms);
  }

  private async look(): Promise<void> {
    if (this.isLooking || this.isStopped) return;
    this.isLooking = true;
    this.isNews = false;
    let nextInMs = TROUBLE_MS;
    try {
      const look = await this.schedules.startDue();
      this.made += look.made;
      this.missed += look.missed;
      ({ nextInMs } = look);
      this.isFailing = false;
    } catch (error) {
      // It is said once, not at each look at a storage that is away.
      if (!this.isFailing && !this.isStopped) {
        this.logger.warn(`schedules are not looked at, the next try is in 1 s: ${(error as Error).message}`);
      }
      this.isFailing = true;
    }
    this.isLooking = false;
    this.lookIn(this.isNews ? 0 : nextInMs);
  }
}
