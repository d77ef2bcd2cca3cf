import type { WorkSpecOverview } from '../../data/overview.js';

/** How units of one work spec lead to those of another, or keep them waiting. */
export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'then' | 'after' | 'join' | 'collect';
  /** Units: that have gone this way (finished), or that are waited for (after). */
  readonly count: number;
}

/** What the definitions of specs say of each other. Specs that they name and that are not there are left out. */
export function flowEdges(specs: readonly WorkSpecOverview[]): FlowEdge[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const edges: FlowEdge[] = [];
  const add = (from: string, to: string, kind: FlowEdge['kind']): void => {
    const [source, target] = [byName.get(from), byName.get(to)];
    if (source === undefined || target === undefined) return;
    const { available, pending, delayed, finished } = source.counts;
    edges.push({ from, to, kind, count: kind === 'after' ? available + pending + delayed : finished });
  };
  for (const { name, meta } of specs) {
    if (meta.nextWorkSpecName !== '') add(name, meta.nextWorkSpecName, 'then');
    for (const one of namesIn(meta.flow?.after)) add(one, name, 'after');
    for (const one of namesIn(meta.flow?.join)) add(one, name, 'join');
    for (const one of namesIn(meta.flow?.collect)) add(name, one, 'collect');
  }
  return edges;
}

/** Names as definitions have them: one, several, or one with more about it. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  if (typeof value === 'object' && value !== null && 'into' in value) return namesIn(value.into);
  return [];
}
