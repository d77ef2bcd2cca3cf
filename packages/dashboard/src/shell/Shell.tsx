import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { Button } from '../components/Button.js';
import { Confirmation } from '../components/confirm.js';
import { Empty, ErrorNote } from '../components/states.js';
import { Toasts } from '../components/toasts.js';
import { away } from '../data/connection.js';
import { askedWho } from '../data/query-client.js';
import { useViewer } from '../data/viewer.js';
import { useShortcuts } from '../keys/shortcuts.js';
import { SignIn, SignInAgain } from '../pages/sign-in/SignIn.js';
import { useStore } from '../store.js';
import { AwayBanner } from './AwayBanner.js';
import { KeyHelp } from './KeyHelp.js';
import { NamespaceSwitch } from './NamespaceSwitch.js';
import { Palette } from './Palette.js';
import { Settings } from './Settings.js';

/** What is around every page. */
export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys'>();
  const { namespace } = useParams({ strict: false });
  const navigate = useNavigate();
  const viewer = useViewer();
  const asked = useStore(askedWho);
  const isUnknown = asked === 'out' || (viewer === undefined ? asked === 'lost' : viewer.name === undefined);
  const turn = useTurn(viewer?.name);
  const isAway = useStore(away) !== undefined;
  useShortcuts([
    { keys: '?', title: 'Show all keys', run: () => setOpen('keys') },
    { keys: '/', title: 'Search here, or everywhere', run: () => focusSearch() || setOpen('palette') },
    { keys: 'p', title: 'Find a page, a work spec, or something to do', run: () => setOpen('palette') },
    { keys: 'g n', title: 'Go to all namespaces', run: () => void navigate({ to: '/namespaces' }) },
    { keys: 'g d', title: 'Go to the daemon', run: () => void navigate({ to: '/daemon' }) },
  ]);
  if (isUnknown) return <SignIn />;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Link to="/" className="brand" aria-label="Coordinate, all namespaces">
          <Logo />
          <span>Coordinate</span>
        </Link>
        <NamespaceSwitch />
        <nav className="nav" aria-label="Pages">
          {namespace !== undefined && <NamespaceLinks namespace={namespace} />}
          <Link to="/daemon">Daemon</Link>
        </nav>
        <div className="top-end">
          <Button kind="quiet" icon="search" label="Find (p)" onClick={() => setOpen('palette')} />
          <Settings viewer={viewer} onKeys={() => setOpen('keys')} />
        </div>
      </header>
      <AwayBanner />
      <main id="main" className={isAway ? 'main is-away' : 'main'} tabIndex={-1}>
        <Outlet key={turn} />
      </main>
      <Toasts />
      <Confirmation />
      {open === 'palette' && <Palette onClose={() => setOpen(undefined)} />}
      {open === 'keys' && <KeyHelp onClose={() => setOpen(undefined)} />}
      {asked === 'lost' && <SignInAgain />}
    </>
  );
}

/** A number that changes when somebody else looks at the page: what the one before has begun there is not theirs. */
function useTurn(name: string | undefined): number {
  const last = useRef({ name, turn: 0 });
  if (name !== undefined && name !== last.current.name) {
    const isOther = last.current.name !== undefined;
    last.current = { name, turn: last.current.turn + (isOther ? 1 : 0) };
  }
  return last.current.turn;
}

/** The pages of a namespace. */
function NamespaceLinks({ namespace }: { readonly namespace: string }) {
  const params = { namespace };
  return (
    <>
      <Link to="/n/$namespace" params={params} activeOptions={{ exact: true, includeSearch: false }}>
        Overview
      </Link>
      <Link to="/n/$namespace/units" params={params}>
        Units
      </Link>
      <Link to="/n/$namespace/workers" params={params}>
        Workers
      </Link>
      <Link to="/n/$namespace/schedule" params={params}>
        Schedule
      </Link>
    </>
  );
}

function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M9 11h9M9 16h14M9 21h6" />
    </svg>
  );
}

/** @returns whether the page has a field to search in */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  field?.focus();
  field?.select();
  return field !== null;
}

export function NotFound() {
  return (
    <Empty isPage title="There is nothing at this address">
      <Link to="/">All namespaces</Link>
    </Empty>
  );
}

export function Crash({ error }: { readonly error: unknown }) {
  return (
    <div className="page">
      <ErrorNote error={error} title="This page went wrong." />
      <Button onClick={() => location.reload()}>Load it again</Button>
    </div>
  );
}
