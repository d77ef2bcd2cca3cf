import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { HistoryChart } from '../../components/HistoryChart.js';
import { SearchField } from '../../components/Fields.js';
import { Empty, When } from '../../components/states.js';
import { Table } from '../../components/Table.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { useOverview } from '../../data/overview.js';
import type { OverviewSearch } from '../../router.js';
import { Totals } from './Totals.js';
import { columnsFor } from './columns.js';
import { flowEdges } from './flow-edges.js';
import { useShownSpecs } from './shown-specs.js';

const FROM = '/n/$namespace/';
const Flows = lazy(async () => ({ default: (await import('./Flows.js')).Flows }));

/** All work specs of a namespace: how far each is, what is stuck, what fails. */
export function OverviewPage() {
  const { namespace } = useParams({ from: FROM });
  const overview = useOverview(namespace);
  return (
    <div className="page">
      <h1 className="sr-only">Overview</h1>
      <When of={overview} lines={12}>
        {({ specs }) => (specs.length === 0 ? <NoSpecs /> : <Specs namespace={namespace} specs={specs} />)}
      </When>
    </div>
  );
}

function Specs({ namespace, specs }: { readonly namespace: string; readonly specs: readonly WorkSpecOverview[] }) {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const set = (change: OverviewSearch): void => {
    void navigate({ to: '.', search: (before: OverviewSearch) => ({ ...before, ...change }), replace: true });
  };
  const columns = useMemo(() => columnsFor(namespace), [namespace]);
  const edges = useMemo(() => flowEdges(specs), [specs]);
  const { shown, sorting, hold } = useShownSpecs(specs, search);
  return (
    <>
      <Totals specs={specs} state={search.state} onState={(state) => set({ state })} />
      <HistoryChart
        namespace={namespace}
        spec={search.of}
        range={search.range ?? 'hour'}
        onRange={(range) => set({ range: range === 'hour' ? undefined : range })}
        of={search.of ?? 'Everything'}
      />
      <section className="section" aria-label="Work specs">
        <div className="bar">
          <h2>Work specs</h2>
          <span className="spacer" />
          <SearchField
            label="Find a work spec"
            value={search.find ?? ''}
            onChange={({ target: { value } }) => set({ find: value || undefined })}
          />
        </div>
        <div onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
          <Table
            label="Work specs"
            columns={columns}
            count={shown.length}
            rowAt={(at) => shown[at]}
            keyOf={({ name }) => name}
            sorting={sorting}
            onOpen={({ name }) => void navigate({ to: '/n/$namespace/spec/$spec', params: { namespace, spec: name } })}
            onSort={(by) => set({ sort: sorting.by === by && sorting.descending ? by : `-${by}` })}
          />
        </div>
        {shown.length === 0 && <Empty title="No work spec is like that" />}
      </section>
      {edges.length > 0 && (
        <Suspense>
          <Flows namespace={namespace} specs={specs} edges={edges} />
        </Suspense>
      )}
    </>
  );
}

function NoSpecs() {
  return (
    <Empty title="There is no work yet">
      A work spec says what kind of work there is, and units of it are what is to be done. Make one with{' '}
      <code>coordinate load</code>, from Python or TypeScript, or by <a href="../docs">REST</a>. It appears here at
      once.
    </Empty>
  );
}
