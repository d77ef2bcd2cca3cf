/** A work spec, as those see it that come after it. */
export interface Followed {
  /** Says who waits for it, which may be others later; undefined: nobody does. */
  followedBy(followers: ReadonlySet<Follower> | undefined): void;
}

/** A work spec that waits for others. */
export interface Follower {
  /** One that it waits for has come to rest, or is no longer, or has gone. */
  predecessorChanged(): void;
}

/** A name that is waited for. */
interface Awaited {
  readonly name: string;
  readonly followers: Set<Follower>;
}

/** Which work specs of a namespace wait for which, by their names, whether those are there or not. */
export class Followers {
  private readonly byName = new Map<string, Awaited>();

  constructor(private readonly specs: ReadonlyMap<string, Followed>) {}

  of(name: string): ReadonlySet<Follower> | undefined {
    return this.byName.get(name)?.followers;
  }

  /** The same names, each as the one text that all have who wait for it: a thousand may wait for a hundred, and each of them sent its own. */
  shared(names: readonly string[]): readonly string[] {
    return names.map((name) => this.byName.get(name)?.name ?? name);
  }

  add(follower: Follower, names: readonly string[]): void {
    for (const name of names) {
      let awaited = this.byName.get(name);
      if (awaited === undefined) this.byName.set(name, (awaited = { name, followers: new Set() }));
      awaited.followers.add(follower);
      this.specs.get(name)?.followedBy(awaited.followers);
    }
  }

  remove(follower: Follower, names: readonly string[]): void {
    for (const name of names) {
      const followers = this.byName.get(name)?.followers;
      if (!followers?.delete(follower) || followers.size > 0) continue;
      this.byName.delete(name);
      this.specs.get(name)?.followedBy(undefined);
    }
  }
}
