import { Injectable } from '@nestjs/common';
import { HOUR, type HistoryWindow, MINUTES_KEPT } from '../../domain/history.js';
import type { Micros } from '../../domain/time.js';
import { Clock, MINUTE } from '../../domain/time.js';
import { HistoryRepository } from './history.repository.js';

/** A window as somebody asks for it. */
export interface AskedWindow {
  readonly from?: Micros;
  readonly to?: Micros;
  readonly step?: Micros;
}

/** What happened to work, as REST tells it. */
@Injectable()
export class HistoryService {
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: HistoryRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes whole steps of a window, and takes the last hour where nothing is said: minutes, or hours where it is more than is
   * kept by the minute.
   */
  async windowOf({ from, to, step }: AskedWindow): Promise<HistoryWindow> {
    const end = to ?? (await this.clock.now());
    const begin = from ?? end - HOUR;
    const length = step ?? (end - begin > MINUTES_KEPT ? HOUR : MINUTE);
    return { from: Math.floor(begin / length) * length, to: Math.ceil(end / length) * length, step: length };
  }
}
