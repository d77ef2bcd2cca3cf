import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { HistoryChart } from '../../components/HistoryChart.js';
import { Empty, ErrorNote, Loading } from '../../components/states.js';
import { useHistory } from '../../data/history.js';
import { useOverview } from '../../data/overview.js';
import { setPaused } from '../../data/spec.js';
import { useMay } from '../../data/viewer.js';
import { useShortcuts } from '../../keys/shortcuts.js';
import { shown } from '../../names.js';
import { Definition } from './Definition.js';
import { Failures } from './Failures.js';
import { Limits } from './Limits.js';
import { Percentiles } from './Percentiles.js';
import { SpecHead } from './SpecHead.js';

const FROM = '/n/$namespace/spec/$spec';

/** One work spec: how it stands, why it fails, what it is limited to, how it is defined. */
export function SpecPage() {
  const { namespace, spec: name } = useParams({ from: FROM });
  const { data, error } = useOverview(namespace);
  const { range = 'hour' } = useSearch({ from: FROM });
  const navigate = useNavigate();
  const history = useHistory(namespace, name, range);
  const spec = data?.specs.find((one) => one.name === name);
  const mayPause = useMay(namespace)('admin');
  useShortcuts(
    spec && mayPause
      ? [
          {
            keys: 'o',
            title: spec.paused ? 'Resume' : 'Pause',
            run: () => void setPaused(namespace, name, !spec.paused),
          },
        ]
      : [],
  );
  if (data === undefined)
    return <div className="page">{error ? <ErrorNote error={error} /> : <Loading lines={12} />}</div>;
  if (spec === undefined) {
    return (
      <div className="page">
        <Empty isPage title={`There is no work spec ${shown(name)}`}>
          <Link to="/n/$namespace" params={{ namespace }}>
            All work specs
          </Link>
        </Empty>
      </div>
    );
  }
  return (
    <div className="page">
      <SpecHead namespace={namespace} spec={spec} />
      <div className="beside">
        <div className="beside-main">
          <HistoryChart
            namespace={namespace}
            spec={name}
            range={range}
            onRange={(next) =>
              void navigate({
                from: FROM,
                to: '.',
                search: { range: next === 'hour' ? undefined : next },
                replace: true,
              })
            }
          />
          <Failures namespace={namespace} spec={name} />
          <Definition namespace={namespace} spec={name} />
        </div>
        <aside className="beside-aside">
          <Limits namespace={namespace} spec={name} />
          {history.data && <Percentiles history={history.data} />}
        </aside>
      </div>
    </div>
  );
}
