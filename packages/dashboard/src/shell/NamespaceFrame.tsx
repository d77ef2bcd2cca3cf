import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useEvents } from '../data/events.js';
import { useShortcuts } from '../keys/shortcuts.js';

/** Around all pages of a namespace: it is listened to for as long as one of them is shown. */
export function NamespaceFrame() {
  const { namespace } = useParams({ from: '/n/$namespace' });
  const navigate = useNavigate();
  useEvents(namespace);
  const params = { namespace };
  useShortcuts([
    { keys: 'g s', title: 'Go to the schedule', run: () => void navigate({ to: '/n/$namespace/schedule', params }) },
    { keys: 'g o', title: 'Go to the overview', run: () => void navigate({ to: '/n/$namespace', params }) },
    { keys: 'g u', title: 'Go to the units', run: () => void navigate({ to: '/n/$namespace/units', params }) },
    { keys: 'g w', title: 'Go to the workers', run: () => void navigate({ to: '/n/$namespace/workers', params }) },
  ]);
  return <Outlet key={namespace} />;
}
