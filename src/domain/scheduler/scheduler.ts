import type { Candidate, Random } from './draw.js';
import { draw } from './draw.js';
import type { CandidateGroup, Drawn } from './draw-groups.js';
import { drawOfGroups } from './draw-groups.js';

/** Decides which work spec the next claim is from. Its randomness is injected, so that a test can foretell it. */
export class Scheduler {
  constructor(readonly random: Random) {}

  /** @returns the index of the chosen candidate, or −1 of none */
  choose(candidates: readonly Candidate[]): number {
    return draw(candidates, this.random);
  }

  /** The same where candidates that are alike have been gathered. @returns undefined of none */
  chooseOfGroups(groups: readonly CandidateGroup[]): Drawn | undefined {
    return drawOfGroups(groups, this.random);
  }
}
