/** A work spec, as those see it that come after it. */
export interface Followed {
  /** Says who waits for it, which may be others later; undefined: nobody does. */
  followedBy(followers: ReadonlySet<Follower> | undefined): void;
}

/** A work spec that waits for others. */
export interface Follower {
  /** Something has changed by which it may be handed out, or no longer. */
  changed(): void;
}

/** Which work specs of a namespace wait for which, by their names, whether those are there or not. */
export class Followers {
  private readonly byName = new Map<string, Set<Follower>>();

  constructor(private readonly specs: ReadonlyMap<string, Followed>) {}

  of(name: string): ReadonlySet<Follower> | undefined {
    return this.byName.get(name);
  }

  add(follower: Follower, names: readonly string[]): void {
    for (const name of names) {
      let all = this.byName.get(name);
      if (all === undefined) this.byName.set(name, (all = new Set()));
      all.add(follower);
      this.specs.get(name)?.followedBy(all);
    }
  }

  remove(follower: Follower, names: readonly string[]): void {
    for (const name of names) {
      const all = this.byName.get(name);
      if (!all?.delete(follower) || all.size > 0) continue;
      this.byName.delete(name);
      this.specs.get(name)?.followedBy(undefined);
    }
  }
}
