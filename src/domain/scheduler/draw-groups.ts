import type { Candidate, Random } from './draw.js';

/** Candidates that are alike in all that the draw looks at. */
export interface CandidateGroup extends Candidate {
  /** How many they are; > 0. */
  readonly count: number;
}

/** One of the candidates of a group. */
export interface Drawn {
  /** Index of the group, and which of its candidates it is, from 0. */
  readonly group: number;
  readonly member: number;
}

/**
 * As `draw`, with the same chances for each candidate, in time in proportion to the number of groups.
 * @returns undefined of none
 */
export function drawOfGroups(groups: readonly CandidateGroup[], random: Random): Drawn | undefined {
  let top = -Infinity;
  for (const { priority } of groups) if (priority > top) top = priority;
  let candidates = 0;
  let pendingSum = 0;
  let weightSum = 0;
  let last = -1;
  for (let i = 0; i < groups.length; i++) {
    const { priority, count, pending, weight } = groups[i];
    if (priority !== top) continue;
    last = i;
    candidates += count;
    pendingSum += count * pending;
    weightSum += count * weight;
  }
  if (last < 0) return undefined;
  if (candidates === 1) return { group: last, member: 0 };

  const score = ({ weight, pending }: Candidate): number =>
    Math.max(0, weight * (pendingSum + 1) - weightSum * pending);
  let total = 0;
  for (const group of groups) if (group.priority === top) total += group.count * score(group);
  let point = random() * total;
  for (let i = 0; i < groups.length; i++) {
    const { priority, count } = groups[i];
    if (priority !== top) continue;
    const each = score(groups[i]);
    if (each === 0) continue;
    last = i;
    if (point < count * each) return { group: i, member: Math.min(count - 1, Math.floor(point / each)) };
    point -= count * each;
  }
  // Rounding may leave a point beyond the last share.
  return { group: last, member: groups[last].count - 1 };
}
