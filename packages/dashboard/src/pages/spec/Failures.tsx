import { Button } from '../../components/Button.js';
import { confirm } from '../../components/confirm.js';
import { Empty, When } from '../../components/states.js';
import { Time } from '../../components/Time.js';
import { UnitsLink } from '../../components/UnitsLink.js';
import type { FailureCause } from '../../data/spec.js';
import { deleteFailed, retryFailed, useFailures } from '../../data/spec.js';
import { useMay } from '../../data/viewer.js';
import { count, percent, whole } from '../../format/numbers.js';
import { shown } from '../../names.js';

interface Of {
  readonly namespace: string;
  readonly spec: string;
}

/** Why units are failed now, by cause, and what to do about each. */
export function Failures({ namespace, spec }: Of) {
  const failures = useFailures(namespace, spec);
  const may = useMay(namespace);
  const total = failures.data?.reduce((sum, { count: one }) => sum + one, 0) ?? 0;
  return (
    <section className="section" aria-label="Failures">
      <div className="bar">
        <h2>Why units failed</h2>
        {total > 0 && <span className="muted">{count(total, 'unit')} failed now</span>}
        <span className="spacer" />
        {total > 0 && may('submit') && (
          <Button icon="retry" onClick={() => void retryAll({ namespace, spec }, total)}>
            Retry all
          </Button>
        )}
      </div>
      <When of={failures} lines={3}>
        {(causes) =>
          causes.length === 0 ? (
            <Empty title="Nothing is failed" />
          ) : (
            <ul className="causes">
              {causes.map((cause) => (
                <Cause key={cause.id} of={{ namespace, spec }} cause={cause} total={total} mayChange={may('submit')} />
              ))}
            </ul>
          )
        }
      </When>
    </section>
  );
}

function Cause({
  of,
  cause,
  total,
  mayChange,
}: {
  readonly of: Of;
  readonly cause: FailureCause;
  readonly total: number;
  readonly mayChange: boolean;
}) {
  return (
    <li className="cause">
      <div className="cause-count">
        <strong>{whole(cause.count)}</strong>
        <span className="muted">{percent(cause.count, total)}</span>
      </div>
      <div className="cause-what">
        <bdi className="cause-text">{shown(cause.cause)}</bdi>
        <span className="muted">
          last <Time at={cause.last} />, first <Time at={cause.first} />
        </span>
      </div>
      <div className="cause-acts">
        <UnitsLink {...of} search={{ status: 'failed', failure: cause.id }} className="button">
          Show
        </UnitsLink>
        {mayChange && (
          <>
            <Button icon="retry" onClick={() => void retryCause(of, cause)}>
              Retry
            </Button>
            <Button icon="trash" kind="quiet" label="Delete all of these" onClick={() => void deleteCause(of, cause)} />
          </>
        )}
      </div>
    </li>
  );
}

async function retryAll({ namespace, spec }: Of, total: number): Promise<void> {
  const yes = await confirm({
    title: `Retry all that failed of ${shown(spec)}?`,
    text: (
      <p>
        {count(total, 'unit')}, whatever made them fail, become available again. Those that fail meanwhile stay failed.
      </p>
    ),
    action: 'Retry all',
  });
  if (yes) await retryFailed(namespace, spec);
}

async function retryCause({ namespace, spec }: Of, cause: FailureCause): Promise<void> {
  const yes = await confirm({
    title: `Retry ${count(cause.count, 'unit')} of ${shown(spec)}?`,
    text: (
      <p>
        All that are failed by <q className="cause-text">{shown(cause.cause)}</q> become available again.
      </p>
    ),
    action: `Retry ${count(cause.count, 'unit')}`,
  });
  if (yes) await retryFailed(namespace, spec, cause.id);
}

async function deleteCause({ namespace, spec }: Of, cause: FailureCause): Promise<void> {
  const yes = await confirm({
    title: `Delete ${count(cause.count, 'unit')} of ${shown(spec)}?`,
    text: (
      <p>
        All that are failed by <q className="cause-text">{shown(cause.cause)}</q> are deleted with their data and
        attempts. There is no way back.
      </p>
    ),
    action: `Delete ${count(cause.count, 'unit')}`,
    danger: true,
  });
  if (yes) await deleteFailed(namespace, spec, cause.id);
}
