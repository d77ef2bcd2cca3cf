import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { getHeapStatistics } from 'node:v8';
import { MemoryFullError } from '../domain/errors.js';
import { collectGarbage } from './collect-garbage.js';
import { offHeapUse, takeNoted } from './memory/structures/off-heap.js';

/** How often V8 is asked, in milliseconds. What is added in between is counted as it is added. */
const SAMPLE_MS = 1000;
/** Beyond this part of what V8 would grow its heap to nothing is added: a collection needs room, and at the end V8 aborts. */
const HEAP_PART = 0.8;
/** From this part of the limit on, memory that only waits for a collection is worth one, if it is this part of the limit. */
const NEARLY_FULL = 0.9;
const WORTH_COLLECTING = 1 / 32;
const COLLECT_EVERY_MS = 5000;
/** An eighth of the limit more is there for what reports bring, so that work can end while nothing can be added. */
const RESERVE = 1 / 8;

/** What is held of memory, in bytes. */
interface Sample {
  /** All but what the tables hold outside the heap: the heap with its garbage, buffers, and the program. */
  readonly rest: number;
  readonly heapUsed: number;
}

/**
 * What the process holds, and may hold: the bound is of the whole process, whatever it keeps there. V8 is asked once in a
 * second, which takes 30 µs; what the tables hold outside its heap is counted exactly, and what is made between two
 * questions as it is made. So `admit` costs a few additions.
 */
export class ProcessMemory implements OnModuleInit, OnModuleDestroy {
  /** How many requests were refused since the start. */
  refused = 0;
  /** The most that V8 lets its heap grow to, less what it needs to stay alive. */
  readonly heapLimit = getHeapStatistics().heap_size_limit * HEAP_PART;
  /** The program, stacks, and what else neither V8 nor the tables count. */
  private readonly base: number;
  private now: Sample;
  private collectedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  /** @param limit - in bytes; may be set anew */
  constructor(public limit = Infinity) {
    const { rss, heapTotal, external } = process.memoryUsage();
    this.base = Math.max(0, rss - heapTotal - external - offHeapUse.held);
    this.now = this.look();
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** What the process holds, in bytes; may be a little more than what is resident, since room counts that is not used yet. */
  get bytes(): number {
    return this.now.rest + offHeapUse.held + offHeapUse.noted;
  }

  /**
   * To be called before anything changes by what makes the storage larger by about so many bytes.
   * @throws MemoryFullError
   */
  admit(bytes: number): void {
    if (this.bytes + bytes > this.limit) throw this.full(this.limit, 'limit');
    if (this.now.heapUsed + offHeapUse.noted > this.heapLimit) throw this.full(this.heapLimit, 'heap');
  }

  /**
   * The same of what ends or goes on with work that has begun, which may go somewhat further.
   * @throws MemoryFullError
   */
  admitReport(bytes: number): void {
    if (bytes <= 0) return;
    if (this.bytes + bytes > this.limit * (1 + RESERVE)) throw this.full(this.limit, 'limit');
  }

  /** Whether nothing may be added. */
  get isFull(): boolean {
    return this.bytes > this.limit || this.now.heapUsed + offHeapUse.noted > this.heapLimit;
  }

  /** Asks V8, and lets it collect where that would make room. */
  sample(): void {
    this.now = this.look();
    const { uncollected } = offHeapUse;
    const makesRoom = uncollected > this.limit * WORTH_COLLECTING && this.bytes > this.limit * NEARLY_FULL;
    const now = performance.now();
    if (!makesRoom || now - this.collectedAt < COLLECT_EVERY_MS) return;
    this.collectedAt = now;
    collectGarbage();
  }

  private look(): Sample {
    takeNoted();
    // Of V8 alone: what is resident is read from a file, which fails when files run short.
    const { total_heap_size: heapTotal, used_heap_size: heapUsed, external_memory: external } = getHeapStatistics();
    return { rest: this.base + heapTotal + external, heapUsed };
  }

  private full(limit: number, bound: 'limit' | 'heap'): MemoryFullError {
    this.refused++;
    return new MemoryFullError(limit, bound);
  }
}
