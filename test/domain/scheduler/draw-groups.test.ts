import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw } from '../../../src/domain/scheduler/draw.js';
import { drawOfGroups } from '../../../src/domain/scheduler/draw-groups.js';

describe('a draw of candidates that have been gathered', () => {
  it('gives each the chances that it has alone', () => {
    const group = fc.record({
      priority: fc.integer({ min: 0, max: 1 }),
      weight: fc.integer({ min: 1, max: 5 }),
      pending: fc.integer({ min: 0, max: 4 }),
      count: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (groups, at) => {
          fc.pre(at < 1);
          // In the order of the groups, both ways lead to the same one by the same point, but for rounding at the borders.
          const alone = groups.flatMap((one, group) =>
            Array.from({ length: one.count }, (_, member) => ({ ...one, group, member })),
          );
          const near = [at - 1e-9, at, at + 1e-9].map(
            (point) => alone[draw(alone, () => Math.min(Math.max(point, 0), 1 - 2 ** -53))],
          );
          const drawn = drawOfGroups(groups, () => at)!;
          expect(near.map(({ group, member }) => `${group} ${member}`)).toContain(`${drawn.group} ${drawn.member}`);
        },
      ),
    );
  });

  it('of none is none', () => {
    expect(drawOfGroups([], () => 0)).toBeUndefined();
  });
});
