import { Graph, layout } from '@dagrejs/dagre';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { CountsBar } from '../../components/CountsBar.js';
import { Icon } from '../../components/Icon.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { compact, whole } from '../../format/numbers.js';
import { shown } from '../../names.js';
import type { FlowEdge } from './flow-edges.js';
import { stateOf, STATES } from './spec-state.js';

const [WIDTH, HEIGHT] = [168, 54];
/** Beyond so many nobody sees anything in a picture. */
const MOST = 300;

/** How work flows from spec to spec: an arrow where units lead to others, a dashed one where they keep others waiting. */
export function Flows({
  namespace,
  specs,
  edges,
}: {
  readonly namespace: string;
  readonly specs: readonly WorkSpecOverview[];
  readonly edges: readonly FlowEdge[];
}) {
  // Where things are goes by what leads where alone: counts change without anything moving.
  const shape = edges
    .slice(0, MOST)
    .map(({ from, to, kind }) => JSON.stringify([from, to, kind]))
    .join('\n');
  const picture = useMemo(() => placed(shape), [shape]);
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const counts = new Map(edges.map((edge) => [keyOf(edge), edge.count]));
  return (
    <section className="section" aria-label="How work flows">
      <h2>How work flows</h2>
      <div className="flows" tabIndex={0} role="group" aria-label="Picture of how work flows">
        <div className="flows-picture" style={{ width: picture.width, height: picture.height }}>
          <svg width={picture.width} height={picture.height} aria-hidden="true">
            <defs>
              <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                <path d="M0 0l8 4-8 4z" />
              </marker>
            </defs>
            {picture.edges.map((edge) => (
              <path key={keyOf(edge)} className={`flow-edge flow-${edge.kind}`} d={edge.path} markerEnd="url(#arrow)" />
            ))}
          </svg>
          {picture.edges.map((edge) => {
            const count = counts.get(keyOf(edge)) ?? 0;
            return (
              <span
                key={keyOf(edge)}
                className="flow-count"
                style={{ left: edge.x, top: edge.y }}
                title={wordsOf(edge, count)}
              >
                <span className="sr-only">{wordsOf(edge, count)}</span>
                <span aria-hidden="true">
                  {edge.kind === 'after' ? 'waits for ' : ''}
                  {compact(count)}
                </span>
              </span>
            );
          })}
          {picture.nodes.map(({ name, x, y }) => {
            const spec = byName.get(name);
            if (spec === undefined) return null;
            const state = stateOf(spec);
            return (
              <Link
                key={name}
                className="flow-node"
                style={{ left: x - WIDTH / 2, top: y - HEIGHT / 2, width: WIDTH, height: HEIGHT }}
                to="/n/$namespace/spec/$spec"
                params={{ namespace, spec: name }}
              >
                <span className="flow-name">
                  <bdi className="name">{shown(name)}</bdi>
                  <span className={`tone-${STATES[state].tone}`} title={`${state}: ${STATES[state].title}`}>
                    <Icon name={STATES[state].icon} />
                    <span className="sr-only">{state}</span>
                  </span>
                </span>
                <CountsBar counts={spec.counts} />
              </Link>
            );
          })}
        </div>
      </div>
    </section>
  );
}

function wordsOf({ from, to, kind }: Pick<FlowEdge, 'from' | 'to' | 'kind'>, count: number): string {
  const [source, target] = [shown(from), shown(to)];
  if (kind === 'after') return `${target} waits until ${whole(count)} units of ${source} are done`;
  if (kind === 'join') return `${whole(count)} finished units of ${source} are joined in ${target}`;
  if (kind === 'collect') return `${whole(count)} finished units of ${source} are collected in ${target}`;
  return `${whole(count)} finished units of ${source} led to ${target}`;
}

const keyOf = ({ from, to, kind }: Pick<FlowEdge, 'from' | 'to' | 'kind'>): string => JSON.stringify([from, to, kind]);

/** Where everything is to be. @param shape a line for each edge */
function placed(shape: string) {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 78, marginx: 2, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  const edges = shape.split('\n').map((line) => {
    const [from, to, kind] = JSON.parse(line) as [string, string, FlowEdge['kind']];
    for (const name of [from, to]) graph.setNode(name, { width: WIDTH, height: HEIGHT });
    graph.setEdge(from, to, { width: 10, height: 10 }, kind);
    return { from, to, kind };
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: graph.nodes().map((name) => {
      const { x, y } = graph.node(name) as { x: number; y: number };
      return { name, x, y };
    }),
    edges: edges.map((edge) => {
      const { points } = graph.edge(edge.from, edge.to, edge.kind) as { points: { x: number; y: number }[] };
      const middle = points[Math.floor(points.length / 2)];
      return { ...edge, ...middle, path: pathThrough(points) };
    }),
  };
}

/** A smooth line: each point but the ends bends it towards itself. */
function pathThrough(points: readonly { readonly x: number; readonly y: number }[]): string {
  const at = ({ x, y }: { x: number; y: number }): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const [first, ...rest] = points;
  const bends = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1];
    const isLast = i === rest.length - 2;
    const end = isLast ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return bends.length === 0 ? `M${at(first)} L${at(rest.at(-1)!)}` : `M${at(first)} ${bends.join(' ')}`;
}
