/** What the draw looks at in a work spec that could give out work now. */
export interface Candidate {
  /** Higher runs strictly first. */
  priority: number;
  /** Share of the pending work it should tend to; > 0. */
  weight: number;
  /** Units of it that are pending now. */
  pending: number;
}

/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * Chooses the work spec to claim from: among those of the highest priority, at random in proportion to
 * `weight × (P + 1) − W × pending`, where P is the sum of their pending counts and W that of their weights, and scores
 * not above zero are dropped. The scores add up to W or more, so one is always above zero; pending work tends to the
 * ratio of the weights because a spec beyond its share scores below its weight and one behind it above.
 *
 * @returns the index of the chosen candidate, or −1 of none
 */
export function draw(candidates: readonly Candidate[], random: Random): number {
  let top = -Infinity;
  for (const { priority } of candidates) if (priority > top) top = priority;
  let pendingSum = 0;
  let weightSum = 0;
  let last = -1;
  let many = false;
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i];
    if (candidate.priority !== top) continue;
    many = last >= 0;
    last = i;
    pendingSum += candidate.pending;
    weightSum += candidate.weight;
  }
  if (!many) return last;

  const score = ({ weight, pending }: Candidate): number =>
    Math.max(0, weight * (pendingSum + 1) - weightSum * pending);
  let total = 0;
  for (const candidate of candidates) if (candidate.priority === top) total += score(candidate);
  let point = random() * total;
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i];
    if (candidate.priority !== top) continue;
    const share = score(candidate);
    if (share === 0) continue;
    last = i;
    point -= share;
    if (point < 0) return i;
  }
  // Rounding may leave a point beyond the last share.
  return last;
}
