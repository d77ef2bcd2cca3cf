import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circleThrough, refuseCircle } from '../../../src/domain/flow/circles.js';

const among = (edges: Readonly<Record<string, readonly string[]>>) => (name: string) =>
  Object.hasOwn(edges, name) ? edges[name] : undefined;

describe('a circle of what waits for what', () => {
  it.each([
    ['one that waits for itself', { a: ['a'] }, ['a', 'a']],
    ['two that wait for each other', { a: ['b'], b: ['a'] }, ['a', 'b', 'a']],
    ['the shortest of two', { a: ['b', 'c'], b: ['d'], c: ['a'], d: ['a'] }, ['a', 'c', 'a']],
    ['none where two ways lead to one', { a: ['b', 'c'], b: ['d'], c: ['d'] }, undefined],
    ['none where it only waits for a circle of others', { a: ['b'], b: ['c'], c: ['b'] }, undefined],
    ['none of what is not there', { a: ['x'] }, undefined],
  ])('is %s', (_, edges, circle) => {
    expect(circleThrough('a', among(edges))).toEqual(circle);
  });

  it('is found if and only if one can get from it back to it, and is a way along what waits for what', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const edge = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 10 }), (edges) => {
        const of = (name: string): string[] => edges.flatMap(([from, to]) => (from === name ? [to] : []));
        let reached = new Set(of('a'));
        for (let size = -1; size !== reached.size;) {
          size = reached.size;
          reached = new Set([...reached, ...[...reached].flatMap(of)]);
        }
        const circle = circleThrough('a', of);
        expect(circle !== undefined).toBe(reached.has('a'));
        for (let at = 1; circle && at < circle.length; at++) expect(of(circle[at - 1])).toContain(circle[at]);
      }),
    );
  });

  it('is not looked for among more than a hundred thousand, which is said', () => {
    const layer = (of: number) => Array.from({ length: 100 }, (_, at) => `${of}.${at}`);
    // Each of a layer waits for all of the next one.
    const among = (layers: number) => (name: string) => {
      const of = Number(name.split('.')[0]);
      return of < layers ? layer(of + 1) : undefined;
    };
    expect(() => refuseCircle('s', layer(0), among(9))).not.toThrow();
    expect(() => refuseCircle('s', layer(0), among(11))).toThrow(
      /^.*flow\.after.* leads to specs that wait .* 100000 times/,
    );
  });
});
