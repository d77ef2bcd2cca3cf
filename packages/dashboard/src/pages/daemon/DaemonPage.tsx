import { Badge } from '../../components/Badge.js';
import { When } from '../../components/states.js';
import { Span } from '../../components/Time.js';
import { useQuery } from '@tanstack/react-query';
import { viewerQuery } from '../../data/viewer.js';

/** The daemon that serves the page, and what it lets one do. */
export function DaemonPage() {
  const viewer = useQuery(viewerQuery());
  return (
    <div className="page">
      <h1>Daemon</h1>
      <When of={viewer}>
        {({ daemon, name, everywhere }) => (
          <>
            <dl className="facts">
              <dt>Version</dt>
              <dd>{daemon?.version}</dd>
              <dt>Storage</dt>
              <dd>{daemon?.backend}</dd>
              <dt>Up for</dt>
              <dd>
                <Span from={daemon && new Date(daemon.started)} />
              </dd>
              <dt>You are</dt>
              <dd>{name}</dd>
              <dt>You may, everywhere</dt>
              <dd>{everywhere.length === 0 ? 'nothing' : everywhere.join(', ')}</dd>
            </dl>
            {daemon?.warnings.map((warning) => (
              <p key={warning} className="warning">
                <Badge tone="warn" icon="alert" text="warning" /> {warning}
              </p>
            ))}
          </>
        )}
      </When>
    </div>
  );
}
