import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Name } from '../../components/Name.js';
import { Num } from '../../components/Num.js';
import { Empty, When } from '../../components/states.js';
import type { Column } from '../../components/Table.js';
import { Table } from '../../components/Table.js';
import { Time } from '../../components/Time.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { useOverview } from '../../data/overview.js';
import { runNow, scheduleOf } from '../../data/schedule.js';
import { useMay } from '../../data/viewer.js';

const FROM = '/n/$namespace/schedule';

/** Work specs of which units are made by the calendar, or again and again: when the last one was, and when the next one will be. */
export function SchedulePage() {
  const { namespace } = useParams({ from: FROM });
  const overview = useOverview(namespace);
  return (
    <div className="page">
      <h1>Schedule</h1>
      <When of={overview}>{({ specs }) => <Schedules namespace={namespace} specs={specs} />}</When>
    </div>
  );
}

function Schedules({ namespace, specs }: { readonly namespace: string; readonly specs: readonly WorkSpecOverview[] }) {
  const may = useMay(namespace);
  const [mayRun, mayControl] = [may('submit'), may('admin')];
  const navigate = useNavigate();
  const columns = useMemo(() => columnsFor(namespace, { mayRun, mayControl }), [namespace, mayRun, mayControl]);
  const scheduled = useMemo(() => specs.filter((spec) => scheduleOf(spec) !== undefined), [specs]);
  if (scheduled.length === 0) {
    return (
      <Empty title="Nothing is scheduled">
        A work spec whose definition says <code>flow: {'{schedule: "0 3 * * 1-5"}'}</code> gets a unit at each such
        moment; one that says <code>continuous: true</code> and <code>interval: 3600</code> gets one whenever a worker
        asks and so long has gone by.
      </Empty>
    );
  }
  return (
    <Table
      label="Scheduled work specs"
      columns={columns}
      count={scheduled.length}
      rowAt={(at) => scheduled[at]}
      keyOf={({ name }) => name}
      onOpen={({ name }) => void navigate({ to: '/n/$namespace/spec/$spec', params: { namespace, spec: name } })}
    />
  );
}

interface Rights {
  readonly mayRun: boolean;
  readonly mayControl: boolean;
}

function columnsFor(namespace: string, { mayRun, mayControl }: Rights): readonly Column<WorkSpecOverview>[] {
  return [
    {
      id: 'name',
      title: 'Work spec',
      width: 'minmax(7rem, 2fr)',
      cell: ({ name }) => (
        <Link className="row-link" to="/n/$namespace/spec/$spec" params={{ namespace, spec: name }}>
          <Name of={name} />
        </Link>
      ),
    },
    {
      id: 'when',
      title: 'When',
      width: 'minmax(6rem, 2fr)',
      from: 40,
      cell: (spec) => <code title={scheduleOf(spec)?.more}>{scheduleOf(spec)?.when}</code>,
    },
    {
      id: 'state',
      title: 'State',
      width: '6rem',
      from: 52,
      cell: (spec) =>
        spec.paused ? (
          <Badge tone="warn" icon="pause" text="paused" title="Units are made, and nothing of it is handed out" />
        ) : scheduleOf(spec)?.isWaiting ? (
          <Badge tone="delayed" icon="wait" text="buffered" title="The next unit is made once the one before is done" />
        ) : (
          <Badge tone="calm" icon="clock" text="on time" />
        ),
    },
    {
      id: 'last',
      title: 'Last',
      width: '7.5rem',
      align: 'end',
      from: 34,
      cell: (spec) => <Time at={scheduleOf(spec)?.last} none="none yet" />,
    },
    {
      id: 'next',
      title: 'Next',
      width: '7.5rem',
      align: 'end',
      cell: (spec) => (
        <Time at={scheduleOf(spec)?.next} none={scheduleOf(spec)?.kind === 'continuous' ? 'at once' : 'none'} />
      ),
    },
    {
      id: 'missed',
      title: 'Missed',
      width: '4.5rem',
      align: 'end',
      from: 46,
      cell: ({ meta }) => <Num value={meta.missedSlots} tone="failed" />,
    },
    {
      id: 'run',
      title: <span className="sr-only">Run now</span>,
      width: '7.5rem',
      align: 'end',
      cell: (spec) =>
        (scheduleOf(spec)?.kind === 'cron' ? mayRun : mayControl) && (
          <Button icon="play" onClick={() => void runNow(namespace, spec)}>
            Run now
          </Button>
        ),
    },
  ];
}
