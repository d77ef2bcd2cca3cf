import { useQuery } from '@tanstack/react-query';
import { Icon } from '../../components/Icon.js';
import { When } from '../../components/states.js';
import { Span } from '../../components/Time.js';
import type { Viewer } from '../../data/viewer.js';
import { viewerQuery } from '../../data/viewer.js';
import { Daemons } from './Daemons.js';
import { Health } from './Health.js';

/** The daemon that serves the page, how it is, and what it lets one do. */
export function DaemonPage() {
  const viewer = useQuery(viewerQuery());
  return (
    <div className="page">
      <h1>Daemon</h1>
      <When of={viewer} lines={4}>
        {(data) => <Facts viewer={data} />}
      </When>
      {viewer.data?.everywhere.includes('read') && <Daemons />}
      <Health />
    </div>
  );
}

function Facts({ viewer: { daemon, name, everywhere, asksWho, readOnly } }: { readonly viewer: Viewer }) {
  return (
    <>
      {daemon?.warnings.map((warning) => (
        <p key={warning} className="warning">
          <Icon name="alert" />
          {warning}
        </p>
      ))}
      <div className="measures">
        <dl className="facts">
          <dt>Version</dt>
          <dd>{daemon?.version}</dd>
          <dt>Storage</dt>
          <dd>{daemon?.backend}</dd>
          <dt>Up for</dt>
          <dd>
            <Span from={daemon && new Date(daemon.started)} />
          </dd>
        </dl>
        <dl className="facts">
          <dt>You are</dt>
          <dd>{asksWho ? name : 'not asked who you are'}</dd>
          <dt>You may, everywhere</dt>
          <dd>{everywhere.length === 0 ? 'nothing; in some namespaces more' : everywhere.join(', ')}</dd>
          {readOnly && (
            <>
              <dt>This page</dt>
              <dd>only looks (-ui read-only)</dd>
            </>
          )}
        </dl>
      </div>
    </>
  );
}
