import type { Name, WorkUnitStatus } from 'coordinate-client';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { PAGE_BASE } from './data/connection.js';
import { isRange } from './data/history.js';
import { namespaceNamesQuery } from './data/namespaces.js';
import { queryClient } from './data/query-client.js';
import { nameOf, pathPart, textOf } from './names.js';
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

const specParams = {
  parse: ({ spec }: { spec: string }) => ({ spec: textOf(spec) }),
  stringify: ({ spec }: { spec: string }) => ({ spec: pathPart(spec) }),
};

const spec = createRoute({
  getParentRoute: () => namespace,
  path: '/spec/$spec',
  params: specParams,
  validateSearch: (search): Pick<OverviewSearch, 'range'> => ({
    range: isRange(search.range) && search.range !== 'hour' ? search.range : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/spec/SpecPage.js'), 'SpecPage'),
});

/** Which work spec's units one wants to see. */
const unitsOfWhat = createRoute({
  getParentRoute: () => namespace,
  path: '/units',
  component: lazyRouteComponent(() => import('./pages/units/ChooseSpecPage.js'), 'ChooseSpecPage'),
});

/** Which units are shown, and from which on. */
export interface UnitsSearch {
  readonly status?: WorkUnitStatus;
  /** Only those failed by this cause: its id. */
  readonly failure?: string;
  /** Only what this worker holds: its name as paths have it. */
  readonly worker?: string;
  readonly prefix?: string;
  readonly contains?: string;
  /** The row at the top, from 1 on; absent: the first. */
  readonly row?: number;
  /** The name before the hundred rows that it is among, as paths have it, so that nobody counts up to it again. */
  readonly from?: string;
}

const STATUSES: readonly unknown[] = [
  'available',
  'pending',
  'finished',
  'failed',
  'delayed',
] satisfies WorkUnitStatus[];
const isRow = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 1;

const units = createRoute({
  getParentRoute: () => namespace,
  path: '/units/$spec',
  params: specParams,
  validateSearch: (search): UnitsSearch => ({
    status: STATUSES.includes(search.status) ? (search.status as WorkUnitStatus) : undefined,
    failure: text(search.failure),
    worker: text(search.worker),
    prefix: text(search.prefix),
    contains: text(search.contains),
    row: isRow(search.row) ? search.row : undefined,
    from: text(search.from),
  }),
  component: lazyRouteComponent(() => import('./pages/units/UnitsPage.js'), 'UnitsPage'),
});

const unit = createRoute({
  getParentRoute: () => namespace,
  path: '/units/$spec/$unit',
  params: {
    parse: ({ spec, unit: name }) => ({ spec: textOf(spec), unit: nameOf(name) }),
    stringify: ({ spec, unit: name }: { spec: string; unit: Name }) => ({ spec: pathPart(spec), unit: pathPart(name) }),
  },
  component: lazyRouteComponent(() => import('./pages/unit/UnitPage.js'), 'UnitPage'),
});

export interface WorkersSearch {
  readonly find?: string;
  /** Also those that have ended or are gone. */
  readonly all?: true;
}

const workers = createRoute({
  getParentRoute: () => namespace,
  path: '/workers',
  validateSearch: (search): WorkersSearch => ({
    find: text(search.find),
    all: search.all === true ? true : undefined,
  }),
  component: lazyRouteComponent(() => import('./pages/workers/WorkersPage.js'), 'WorkersPage'),
});

const worker = createRoute({
  getParentRoute: () => namespace,
  path: '/workers/$worker',
  params: {
    parse: ({ worker: name }) => ({ worker: nameOf(name) }),
    stringify: ({ worker: name }: { worker: Name }) => ({ worker: pathPart(name) }),
  },
  component: lazyRouteComponent(() => import('./pages/workers/WorkerPage.js'), 'WorkerPage'),
});

const schedule = createRoute({
  getParentRoute: () => namespace,
  path: '/schedule',
  component: lazyRouteComponent(() => import('./pages/schedule/SchedulePage.js'), 'SchedulePage'),
});

// Pages of what is in a namespace go here, each with what its address says of it.
const tree = root.addChildren([
  home,
  namespaces,
  daemon,
  namespace.addChildren([overview, spec, unitsOfWhat, units, unit, workers, worker, schedule]),
]);

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
