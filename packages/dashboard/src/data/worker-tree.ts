import type { ListedWorker, Workers } from './workers.js';

/** A row of the tree. */
export interface WorkerRow extends ListedWorker {
  readonly depth: number;
  readonly children: number;
  /** It lives, could have taken work for a while, and has taken none. */
  readonly isIdle: boolean;
}

/** So long a worker that lives may go without work before it stands out, in milliseconds. */
const IDLE_MS = 300_000;

/** Parents, each with its children below it; those first that have been given nothing for longest. */
export function treeOf({ workers }: Workers, folded: ReadonlySet<string>, now: number): WorkerRow[] {
  const known = new Map(workers.map((worker) => [worker.key, worker]));
  const childrenOf = new Map<string, ListedWorker[]>();
  const roots: ListedWorker[] = [];
  for (const worker of workers) {
    const { parent: key } = worker;
    if (key === undefined || !known.has(key) || isBelow(worker.key, key, known)) roots.push(worker);
    else childrenOf.set(key, [...(childrenOf.get(key) ?? []), worker]);
  }
  const rows: WorkerRow[] = [];
  const add = (worker: ListedWorker, depth: number): void => {
    const children = childrenOf.get(worker.key) ?? [];
    const { active, units, lastClaim } = worker;
    // Parents look after their children, and take nothing themselves.
    const isIdle =
      active &&
      units === 0 &&
      children.length === 0 &&
      (lastClaim === undefined || now - lastClaim.getTime() > IDLE_MS);
    rows.push({ ...worker, depth, children: children.length, isIdle });
    if (!folded.has(worker.key)) for (const child of children) add(child, depth + 1);
  };
  for (const root of roots) add(root, 0);
  return rows;
}

/** Whether a parent is itself below its child: what workers say of themselves may go round in a circle. */
function isBelow(key: string, parent: string, known: ReadonlyMap<string, ListedWorker>): boolean {
  const seen = new Set([key]);
  for (let at: string | undefined = parent; at !== undefined; at = known.get(at)?.parent) {
    if (seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}
