import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { PAGE_BASE } from './data/connection.js';
import { isRange } from './data/history.js';
import { namespaceNamesQuery } from './data/namespaces.js';
import { queryClient } from './data/query-client.js';
import { pathPart, textOf } from './names.js';
import { NamespaceFrame } from './shell/NamespaceFrame.js';
import { Crash, NotFound, Shell } from './shell/Shell.js';

/** A text of the address, absent where it is none. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Crash });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  // With one namespace there is nothing to choose.
  loader: async () => {
    const names = await queryClient.ensureQueryData(namespaceNamesQuery).catch(() => []);
    const [namespace] = names;
    if (names.length === 1) redirect({ to: '/n/$namespace', params: { namespace }, replace: true, throw: true });
  },
  component: lazyRouteComponent(() => import('./pages/namespaces/NamespacesPage.js'), 'NamespacesPage'),
});

/** All namespaces, also when there is one. */
const namespaces = createRoute({
  getParentRoute: () => root,
  path: '/namespaces',
  component: lazyRouteComponent(() => import('./pages/namespaces/NamespacesPage.js'), 'NamespacesPage'),
});

const daemon = createRoute({
  getParentRoute: () => root,
  path: '/daemon',
  component: lazyRouteComponent(() => import('./pages/daemon/DaemonPage.js'), 'DaemonPage'),
});

const namespace = createRoute({
  getParentRoute: () => root,
  path: '/n/$namespace',
  params: {
    parse: ({ namespace: part }) => ({ namespace: textOf(part) }),
    stringify: ({ namespace: name }) => ({ namespace: pathPart(name) }),
  },
  component: NamespaceFrame,
});

export interface OverviewSearch {
  /** Only specs whose names have this in them. */
  readonly find?: string;
  /** Only specs in this state. */
  readonly state?: string;
  /** The column that they are sorted by, `-` before it for the largest first. */
  readonly sort?: string;
  readonly range?: 'day' | 'month';
  /** The spec whose history is shown; absent: of all. */
  readonly of?: string;
}

const overview = createRoute({
  getParentRoute: () => namespace,
  path: '/',
  validateSearch: (search): OverviewSearch => ({
    find: text(search.find),
    state: text(search.state),
    sort: text(search.sort),
    range: isRange(search.range) && search.range !== 'hour' ? search.range : undefined,
    of: text(search.of),
  }),
  component: lazyRouteComponent(() => import('./pages/overview/OverviewPage.js'), 'OverviewPage'),
});

const spec = createRoute({
  getParentRoute: () => namespace,
  path: '/spec/$spec',
  params: {
    parse: ({ spec: part }) => ({ spec: textOf(part) }),
    stringify: ({ spec: name }) => ({ spec: pathPart(name) }),
  },
  validateSearch: (search): Pick<OverviewSearch, 'range'> => ({
    range: isRange(search.range) && search.range !== 'hour' ? search.range : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/spec/SpecPage.js'), 'SpecPage'),
});

// Pages of what is in a namespace go here, each with what its address says of it.
const tree = root.addChildren([home, namespaces, daemon, namespace.addChildren([overview, spec])]);

export const router = createRouter({
  routeTree: tree,
  basepath: PAGE_BASE,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
