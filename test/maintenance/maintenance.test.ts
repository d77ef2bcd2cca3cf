import { Logger } from '@nestjs/common';
import type { MockInstance } from 'vitest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RetentionResult } from '../../src/domain/retention.js';
import { RetentionPolicy } from '../../src/domain/retention.js';
import { MaintenanceRepository } from '../../src/maintenance/maintenance.repository.js';
import { MaintenanceService } from '../../src/maintenance/maintenance.service.js';

const NOTHING: RetentionResult = { units: 0, workers: 0, more: false };
const PERIOD_MS = 30_000;

/** A storage that does at each round what comes next. */
class Rounds extends MaintenanceRepository {
  done = 0;
  next: (() => RetentionResult)[] = [];

  override retain(): RetentionResult {
    this.done++;
    return (this.next.shift() ?? (() => NOTHING))();
  }
}

describe('retention, from time to time', () => {
  const rounds = new Rounds();
  let service: MaintenanceService;
  let warned: MockInstance<(message: unknown) => void>;

  beforeEach(() => {
    vi.useFakeTimers();
    warned = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    rounds.done = 0;
    service = new MaintenanceService(rounds, new RetentionPolicy());
    service.onModuleInit();
  });
  afterEach(() => {
    service.onModuleDestroy();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('has one round after another, and soon the next while there is more to remove', async () => {
    rounds.next = [() => ({ ...NOTHING, more: true }), () => ({ ...NOTHING, more: true })];
    await vi.advanceTimersByTimeAsync(PERIOD_MS + 100);
    expect(rounds.done).toBe(3);
    await vi.advanceTimersByTimeAsync(2 * PERIOD_MS);
    expect(rounds.done).toBe(5);
    expect(warned).not.toHaveBeenCalled();
  });

  it('goes on after a round that failed, and says so once until one has not', async () => {
    const fail = () => {
      throw new Error('the database is away');
    };
    rounds.next = [fail, fail, () => NOTHING, fail];
    await vi.advanceTimersByTimeAsync(2 * PERIOD_MS);
    expect(warned.mock.calls).toEqual([[expect.stringContaining('in 30 s: the database is away')]]);
    await vi.advanceTimersByTimeAsync(2 * PERIOD_MS);
    expect(rounds.done).toBe(4);
    expect(warned).toHaveBeenCalledTimes(2);
  });

  it('ends with the daemon', async () => {
    service.onModuleDestroy();
    await vi.advanceTimersByTimeAsync(2 * PERIOD_MS);
    expect(rounds.done).toBe(0);
  });
});
