import { describe, expect, it } from 'vitest';
import { nearMiss } from '../../src/domain/near-miss.js';

const KNOWN = ['priority', 'weight', 'max_running', 'max_retries', 'min_gb', 'then', 'name'];

describe('the word that was probably meant', () => {
  it.each([
    ['priorty', 'priority'],
    ['weigth', 'weight'],
    ['Weight', 'weight'],
    ['maxRunning', 'max_running'],
    ['max-retries', 'max_retries'],
    ['max_retry', 'max_retries'],
    ['names', 'name'],
    ['min_mb', 'min_gb'],
  ])('%s is %s', (word, meant) => {
    expect(nearMiss(word, KNOWN)).toBe(meant);
  });

  it.each(['', 'url', 'time', 'run_function', 'wait', 'x'.repeat(100_000)])('%.20s is none of them', (word) => {
    expect(nearMiss(word, KNOWN)).toBeUndefined();
  });

  it('is the nearest one', () => {
    expect(nearMiss('max_runnings', ['max_running_xy', 'max_running'])).toBe('max_running');
    expect(nearMiss('max_runnings', ['max_running', 'max_running_xy'])).toBe('max_running');
  });
});
