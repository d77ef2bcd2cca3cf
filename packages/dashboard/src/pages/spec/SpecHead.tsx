import { Link, useNavigate } from '@tanstack/react-router';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { confirm } from '../../components/confirm.js';
import { CountsBar, totalOf } from '../../components/CountsBar.js';
import { CountsNumbers } from '../../components/CountsNumbers.js';
import { Span, Time } from '../../components/Time.js';
import { UnitsLink } from '../../components/UnitsLink.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { deleteSpec, setPaused } from '../../data/spec.js';
import { useMay } from '../../data/viewer.js';
import { count, rate, whole } from '../../format/numbers.js';
import { shown } from '../../names.js';
import { stateOf, STATES } from '../overview/spec-state.js';

/** How a work spec stands, and what may be done to all of it. */
export function SpecHead({ namespace, spec }: { readonly namespace: string; readonly spec: WorkSpecOverview }) {
  const may = useMay(namespace);
  const navigate = useNavigate();
  const { name, paused, counts } = spec;
  const state = stateOf(spec);
  const remove = async (): Promise<void> => {
    const yes = await confirm({
      title: `Delete ${shown(name)}?`,
      text: (
        <p>
          The work spec, its {count(totalOf(counts), 'unit')}, their attempts and its history. There is no way back.
        </p>
      ),
      action: `Delete ${count(totalOf(counts), 'unit')}`,
      danger: true,
    });
    if (yes && (await deleteSpec(namespace, name))) void navigate({ to: '/n/$namespace', params: { namespace } });
  };
  return (
    <>
      <div className="page-head">
        <h1>
          <bdi>{shown(name)}</bdi>
        </h1>
        <Badge {...STATES[state]} text={state} />
        <span className="spacer" />
        <UnitsLink namespace={namespace} spec={name} className="button">
          All units
        </UnitsLink>
        {may('admin') && (
          <>
            <Button icon={paused ? 'play' : 'pause'} onClick={() => void setPaused(namespace, name, !paused)}>
              {paused ? 'Resume' : 'Pause'}
            </Button>
            <Button icon="trash" kind="quiet" label="Delete the work spec" onClick={() => void remove()} />
          </>
        )}
      </div>
      <div className="totals">
        <CountsNumbers
          counts={counts}
          around={(status, text) => (
            <UnitsLink namespace={namespace} spec={name} search={{ status }} className="plain-link">
              {text}
            </UnitsLink>
          )}
        />
        <CountsBar counts={counts} />
        <dl className="line-facts">
          <div>
            <dt>Done per second</dt>
            <dd title="of the last minute, five minutes and hour">
              {rate(spec.rates.lastMinute.finished)}{' '}
              <span className="muted">
                ({rate(spec.rates.last5Minutes.finished)} in 5 min, {rate(spec.rates.lastHour.finished)} in 1 h)
              </span>
            </dd>
          </div>
          <div>
            <dt>Time left</dt>
            <dd>
              <Span to={spec.drainedAt} />
            </dd>
          </div>
          <div>
            <dt>Oldest available</dt>
            <dd>
              <Time at={spec.oldestAvailable} />
            </dd>
          </div>
          <div>
            <dt>Last claim</dt>
            <dd>
              <Time at={spec.lastClaim} none="none yet" />
            </dd>
          </div>
          <div>
            <dt>Workers on it</dt>
            <dd>{whole(spec.workers)}</dd>
          </div>
          {spec.meta.nextWorkSpecName !== '' && (
            <div>
              <dt>Then</dt>
              <dd>
                <Link to="/n/$namespace/spec/$spec" params={{ namespace, spec: spec.meta.nextWorkSpecName }}>
                  {shown(spec.meta.nextWorkSpecName)}
                </Link>
              </dd>
            </div>
          )}
          {spec.meta.runtime !== '' && (
            <div>
              <dt>Runtime</dt>
              <dd>{spec.meta.runtime}</dd>
            </div>
          )}
        </dl>
      </div>
    </>
  );
}
