/** So many namespaces and runtimes are remembered; clients may name any number. */
const MOST = 10_000;

/** Which runtimes this daemon has been asked work for, so that a work spec of another one can be told apart. */
export class AskedRuntimes {
  /** Namespaces in which somebody took work of any runtime. */
  private readonly any = new Set<string>();
  private readonly runtimes = new Map<string, Set<string>>();
  private size = 0;
  /** The one that `any` was asked about last: claims of one namespace come in swarms. */
  private latest: string | undefined;

  /** Somebody asks for work. @param runtimes - none or absent: of any runtime */
  note(namespace: string, runtimes: readonly string[] | undefined): void {
    if (runtimes === undefined || runtimes.length === 0) {
      if (namespace === this.latest) return;
      this.latest = namespace;
      if (this.any.has(namespace) || this.isFull) return;
      this.any.add(namespace);
      this.size++;
      return;
    }
    for (const runtime of runtimes) this.add(namespace, runtime);
  }

  /** Whether somebody would take work of a runtime. Of what it cannot remember it says so as well. */
  includes(namespace: string, runtime: string): boolean {
    return this.isFull || this.any.has(namespace) || this.of(namespace).has(runtime);
  }

  /** The runtimes that were asked for by name. */
  of(namespace: string): ReadonlySet<string> {
    return this.runtimes.get(namespace) ?? NONE;
  }

  private get isFull(): boolean {
    return this.size >= MOST;
  }

  private add(namespace: string, runtime: string): void {
    const known = this.runtimes.get(namespace);
    if (known?.has(runtime) || this.isFull) return;
    if (known) known.add(runtime);
    else this.runtimes.set(namespace, new Set([runtime]));
    this.size++;
  }
}

const NONE: ReadonlySet<string> = new Set();
