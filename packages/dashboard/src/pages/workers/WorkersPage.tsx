import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { SearchField } from '../../components/Fields.js';
import { Empty, When } from '../../components/states.js';
import { Table } from '../../components/Table.js';
import type { Workers } from '../../data/workers.js';
import { MOST_WORKERS, useWorkers } from '../../data/workers.js';
import type { WorkerRow } from '../../data/worker-tree.js';
import { treeOf } from '../../data/worker-tree.js';
import { count as countOf, whole } from '../../format/numbers.js';
import { useNow } from '../../format/times.js';
import { shown } from '../../names.js';
import type { WorkersSearch } from '../../router.js';
import { columnsFor } from './columns.js';

const FROM = '/n/$namespace/workers';

/** Who works, on what and since when, and who lives but takes nothing. */
export function WorkersPage() {
  const { namespace } = useParams({ from: FROM });
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: FROM });
  const workers = useWorkers(namespace, search.all === true);
  const set = (change: WorkersSearch): void => {
    const to = (before: WorkersSearch): WorkersSearch => ({ ...before, ...change });
    void navigate({ to: '.', search: to, replace: true, resetScroll: false });
  };
  return (
    <div className="page">
      <div className="page-head">
        <h1>Workers</h1>
        <span className="spacer" />
        <label className="check">
          <input
            type="checkbox"
            checked={search.all === true}
            onChange={({ target }) => set({ all: target.checked || undefined })}
          />
          also those that are gone
        </label>
        <SearchField
          label="Worker, host or mode"
          value={search.find ?? ''}
          onChange={({ target: { value } }) => set({ find: value || undefined })}
        />
      </div>
      <When of={workers} lines={10}>
        {(data) => <Tree namespace={namespace} data={data} find={search.find} />}
      </When>
    </div>
  );
}

function Tree({
  namespace,
  data,
  find,
}: {
  readonly namespace: string;
  readonly data: Workers;
  readonly find?: string;
}) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const navigate = useNavigate();
  // Idle or not: a matter of minutes.
  const minute = Math.floor(useNow() / 15_000) * 15_000;
  const rows = useMemo(() => treeOf(data, folded, minute), [data, folded, minute]);
  const fitting = useMemo(
    () => (find === undefined ? rows : rows.filter((row) => fits(row, find.toLowerCase()))),
    [rows, find],
  );
  const fold = useCallback((key: string) => {
    setFolded((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  }, []);
  const columns = useMemo(() => columnsFor(namespace, folded, fold), [namespace, folded]);
  const idle = rows.filter(({ isIdle }) => isIdle).length;
  const alive = data.workers.filter(({ active }) => active).length;
  if (rows.length === 0) {
    return (
      <Empty title="Nobody works here">
        A worker appears as soon as it asks for work or says that it lives, from Python, TypeScript or by{' '}
        <code>coordinate run</code>.
      </Empty>
    );
  }
  return (
    <section className="section" aria-label="Workers">
      <p role="status">
        {countOf(alive, 'worker')} alive
        {idle > 0 && (
          <>
            , <strong className="worker-idle">{whole(idle)} of them have been given nothing for five minutes</strong>
          </>
        )}
        {data.hasMore && `. The first ${whole(MOST_WORKERS)} are shown, those without work for longest first`}
      </p>
      <Table<WorkerRow>
        label="Workers"
        columns={columns}
        count={fitting.length}
        rowAt={(at) => fitting[at]}
        keyOf={({ key }) => key}
        onOpen={({ name }) =>
          void navigate({ to: '/n/$namespace/workers/$worker', params: { namespace, worker: name } })
        }
      />
      {fitting.length === 0 && <Empty title="No worker is like that" />}
    </section>
  );
}

function fits(row: WorkerRow, sought: string): boolean {
  const texts = [shown(row.name), row.mode, row.host];
  return texts.some((text) => text?.toLowerCase().includes(sought));
}
