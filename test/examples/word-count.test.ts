import { beforeAll, describe, expect, it } from 'vitest';
import { countWords, extensionOf, sizeClass } from '../../examples/word-count/tasks.js';
import { buildExamples, runExample, tableIn } from './example.js';
import { FULL_SIZE } from '../support/full-size.js';

/** So many that the workers are at it for a second: one of them is to be killed in the middle. */
const FILES = 1200;

describe.runIf(FULL_SIZE)('the example', () => {
  beforeAll(buildExamples);

  it('ends with the same table whether a worker is killed or not, and proves it', async () => {
    const undisturbed = await runExample(['--files', String(FILES)]);
    const disturbed = await runExample(['--files', String(FILES), '--kill']);

    for (const output of [undisturbed, disturbed]) {
      expect(output).not.toMatch(/^(FAIL|skip)/m);
      expect(output).toContain(`ok    every file was counted: ${FILES} of ${FILES}`);
      expect(output).toContain(`ok    every file was put into a size class: ${FILES} of ${FILES}`);
      expect(output).toContain(`ok    history: one finished attempt for each unit: ${2 * FILES} of ${2 * FILES}`);
      expect(output).toMatch(/^ok {4}totals equal those of a single process: [1-9]/m);
    }
    expect(disturbed).toMatch(/^killed .*, which had claimed [1-9]/m);
    expect(disturbed).toContain('ok    history: an attempt of the killed worker expired, another finished');
    expect(disturbed).toMatch(/^ok {4}what the killed worker had claimed was finished by others/m);
    expect(tableIn(disturbed)).toBe(tableIn(undisturbed));
  });
});

describe("the example's tasks", () => {
  it.each([
    ['', 0],
    [' \t\n\v\f\r', 0],
    ['one', 1],
    ['  one\ttwo\r\nthree ', 3],
    // A space that is none in ASCII belongs to the word.
    ['a\u00a0b c', 2],
  ])('counts the words of %j', (text, words) => {
    expect(countWords(Buffer.from(text))).toBe(words);
  });

  it.each([
    ['docs/README.md', 'md'],
    ['a.b/LICENSE', 'none'],
    ['a/.npmrc', 'none'],
    ['a/b.', 'none'],
    ['types/index.d.TS', 'ts'],
  ])('finds the extension of %j', (path, extension) => {
    expect(extensionOf(path)).toBe(extension);
  });

  it('puts a count into the first class that ends after it', () => {
    const classes = [
      ['few', 10],
      ['some', 20],
      ['many', null],
    ] as [string, number | null][];
    expect([0, 9, 10, 19, 20, 1e9].map((words) => sizeClass(words, classes))).toEqual([
      'few',
      'few',
      'some',
      'some',
      'many',
      'many',
    ]);
  });
});
