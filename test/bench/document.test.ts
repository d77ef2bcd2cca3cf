import { describe, expect, it } from 'vitest';
import { withOutcomes } from '../../bench/report/document.js';

const MACHINE = {
  processor: 'A processor',
  cores: 2,
  memoryGiB: 24,
  node: 'v20.20.2',
  commit: 'abcdef0',
  date: '2026-11-29T12:00:00.000Z',
};

const outcome = (name: string) => ({
  name,
  title: `About ${name}`,
  rows: [{ what: 'done', value: 5, unit: 'units/s' }],
});

/** A place for the results of these, and what stands there. */
const place = (names: string, text: string): string =>
  `<!-- results: written by npm run bench -- ${names}--document -->\n\n${text}\n\n<!-- end of results -->`;

describe('the places of results in a document', () => {
  const text = ['first', place('', 'of all'), 'between', place('flow workers ', 'of flow and workers'), 'last'].join(
    '\n',
  );

  it('are written where the run has any, by name or, without a place of their own, where all others are', () => {
    const usual = withOutcomes(text, MACHINE, [outcome('memory-cycle')]);
    expect(usual).toMatch(/^first\n<!--[^]*A processor[^]*About memory-cycle[^]*end of results -->\nbetween\n/);
    expect(usual).toContain('of flow and workers');
    expect(usual).not.toContain('of all');
    const both = withOutcomes(text, MACHINE, [outcome('flow-memory'), outcome('workers'), outcome('python-workers')]);
    expect(both).toMatch(/About python-workers[^]*between[^]*About flow-memory[^]*About workers[^]*\nlast$/);
    expect(both.match(/A processor/g)).toHaveLength(2);
    expect(withOutcomes(both, MACHINE, [outcome('flow-memory'), outcome('workers'), outcome('python-workers')])).toBe(
      both,
    );
  });

  it('are as they were where the run has nothing for them', () => {
    expect(withOutcomes(text, MACHINE, [])).toBe(text);
  });

  it('are asked for', () => {
    const lacking = place('flow ', 'of flow');
    expect(() => withOutcomes(lacking, MACHINE, [outcome('soak')])).toThrow('there is no place for results of soak');
  });
});
