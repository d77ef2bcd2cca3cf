import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../../examples/pipeline/options.js';
import { Story, sweptAround, type Tried } from '../../examples/pipeline/proof.js';
import { addCounts, countWords, partsOf, totalsOf, type WordCounts } from '../../examples/pipeline/texts.js';
import { FULL_SIZE } from '../support/full-size.js';
import { buildExamples, runExample } from './example.js';

describe.runIf(FULL_SIZE)('the pipeline', () => {
  beforeAll(buildExamples);

  it('comes to the totals of a single process though the daemon is killed halfway, and proves it', async () => {
    const output = await runExample(['pipeline']);
    expect(output).not.toMatch(/^FAIL/m);
    expect(output).toMatch(/^killed the daemon, process \d+, by SIGKILL$/m);
    expect(output).toMatch(
      /^ok {4}retry: counts that failed and were tried again after their pause: ([1-9]\d*) of \1$/m,
    );
    expect(output).toMatch(/^ok {4}rate_limit: never more than 10 at once and 40 a second$/m);
    expect(output).toMatch(/^ok {4}after: nothing was merged before the last part was counted$/m);
    expect(output).toMatch(/^ok {4}schedule: each slot ran once: ([1-9]\d*) of \1$/m);
    expect(output).toMatch(
      /^ok {4}schedule: slots before the daemon was killed, and after it was started again: [1-9]\d* and [1-9]/m,
    );
    expect(output).toMatch(/^ok {4}totals equal those of a single process: [1-9][\d,]* words/m);
  });

  it.each([
    [['nonsense'], 'there is no example nonsense; there are word-count, pipeline'],
    [['pipeline', '--flaky', '1'], '--flaky must be 0, or a whole number from 2 on, not 1'],
    [['--kill', '--workers', '1'], '--kill needs two workers: somebody has to go on'],
    [['word-count', '--address', '127.0.0.1:1'], '--address is that of the daemon at --http, which is missing'],
  ])('npm run example -- %j is refused', async (args, message) => {
    await expect(runExample(args)).rejects.toMatchObject({ code: 2, stderr: `${message}\n` });
  });
});

describe('the options of the pipeline', () => {
  it.each([
    [['--workers', '0'], '--workers must be a whole number from 1 on, not 0'],
    [['--rate', '1.5'], '--rate must be a whole number from 1 on, not 1.5'],
    [['--part', ''], '--part must be a whole number from 1 on, not '],
    [['--files', '9'.repeat(20)], `--files must be a whole number from 1 on, not ${'9'.repeat(20)}`],
    [['--kil'], "Unknown option '--kil'"],
    [['texts'], /^Unexpected argument 'texts'/],
  ])('%j are refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });

  it('have values where nothing is said', () => {
    expect(readOptions([])).toMatchObject({ part: 4096, workers: 2, rate: 40, flaky: 4, kill: true });
    expect(readOptions(['--help'])).toBe(undefined);
  });
});

describe('the parts of a text', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'Σ', 'ß', '7', ' ', '-', '\n', '\u{1f41f}'), maxLength: 200 });

  it('are all of it, end with lines, and are counted as it is', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 60 }), (text, size) => {
        const bytes = Buffer.from(text);
        const counts: WordCounts = new Map();
        let end = 0;
        for (const [from, to] of partsOf(bytes, size)) {
          expect(from).toBe(end);
          const part = bytes.subarray(from, to);
          if (to < bytes.length) expect([part.at(-1), part.length >= size]).toEqual([0x0a, true]);
          addCounts(counts, countWords(part.toString()));
          end = to;
        }
        expect(end).toBe(bytes.length);
        expect(totalsOf(counts)).toEqual(totalsOf(countWords(text)));
      }),
    );
  });

  it('have the words of these', () => {
    expect(totalsOf(countWords('One, two: ONE-two\nzwölf 12'))).toMatchObject({
      words: 6,
      distinct: 4,
      most: [
        ['one', 2],
        ['two', 2],
        ['12', 1],
        ['zwölf', 1],
      ],
    });
  });
});

describe('what is checked of a run', () => {
  /** An attempt, from and to a moment in milliseconds. */
  function tried(spec: string, unit: string, status: Tried['status'], start: number, end: number): Tried {
    return { spec, unit, status, startTime: new Date(start), endTime: new Date(end) };
  }
  const failed = tried('count', 'a#1', 'failed', 0, 10);
  const again = (start: number) => tried('count', 'a#1', 'finished', start, start + 5);

  it.each([
    ['a pause that was kept', [failed, again(110)], true],
    ['one that was too short', [failed, again(100)], false],
    ['a failure that was never tried again', [failed], false],
    [
      'a second one, after twice the pause',
      [failed, { ...failed, startTime: new Date(110), endTime: new Date(120) }, again(320)],
      true,
    ],
    [
      'a second one, too early',
      [failed, { ...failed, startTime: new Date(110), endTime: new Date(120) }, again(300)],
      false,
    ],
  ])('%s', (_, attempts, holds) => {
    expect(new Story(attempts).rested().holds).toBe(holds);
  });

  it('once counted is not twice, and not never', () => {
    expect(new Story([failed, again(110)]).countedOnce(1).holds).toBe(true);
    expect(new Story([failed, again(110), again(120)]).countedOnce(1).holds).toBe(false);
    expect(new Story([failed]).countedOnce(1).holds).toBe(false);
  });

  it.each([
    [Array(10).fill(0) as number[], true],
    [Array(11).fill(0) as number[], false],
    [[...(Array(10).fill(0) as number[]), 100], true],
    [[...(Array(10).fill(0) as number[]), 50], false],
    [[0, ...(Array(11).fill(5000) as number[])], false],
  ])('attempts that began at %j are within ten at once and ten a second: %s', (starts, holds) => {
    const attempts = starts.map((start, i) => tried('count', `a#${i}`, 'finished', start, start + 5));
    expect(new Story(attempts).limited(10).holds).toBe(holds);
  });

  it('merging begins after the last count has ended', () => {
    expect(new Story([again(0), tried('merge', 'all', 'finished', 5, 6)]).mergedLast().holds).toBe(true);
    expect(new Story([again(0), tried('merge', 'all', 'finished', 4, 6)]).mergedLast().holds).toBe(false);
    expect(new Story([again(0)]).mergedLast().holds).toBe(false);
  });

  it('each slot ran once, and some on both sides of the end', () => {
    const slots = ['2026-11-27T02:00:00Z', '2026-11-27T02:00:05Z'];
    const runs = slots.map((slot) => tried('sweep', slot, 'finished', 0, 1));
    expect(new Story(runs).sweptOnce(slots).holds).toBe(true);
    expect(new Story([...runs, runs[0]]).sweptOnce(slots).holds).toBe(false);
    expect(new Story(runs.slice(1)).sweptOnce(slots).holds).toBe(false);
    const at = (second: number) => new Date(Date.parse('2026-11-27T02:00:00Z') + second * 1000);
    expect(sweptAround(slots, at(1), at(4)).holds).toBe(true);
    expect(sweptAround(slots, at(6), at(7)).holds).toBe(false);
    expect(sweptAround(slots, at(0), at(1)).holds).toBe(false);
  });
});
