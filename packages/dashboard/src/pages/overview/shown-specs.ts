import { useMemo, useRef, useState } from 'react';
import type { Sorting } from '../../components/Table.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import type { OverviewSearch } from '../../router.js';
import { SORTS } from './columns.js';
import { isState, stateOf } from './spec-state.js';

const collator = new Intl.Collator('en', { numeric: true });

/** Those that are looked for, in their order. The order stays as it is while it is held: nothing jumps under a pointer. */
export function useShownSpecs(specs: readonly WorkSpecOverview[], { find, state, sort = 'name' }: OverviewSearch) {
  const [isHeld, hold] = useState(false);
  const by = sort.replace(/^-/, '');
  const sorting: Sorting = Object.hasOwn(SORTS, by)
    ? { by, descending: sort.startsWith('-') }
    : { by: 'name', descending: false };
  const before = useRef({ asked: '', order: [] as readonly string[] });
  const asked = JSON.stringify([find, state, sort]);
  const shown = useMemo(() => {
    const sought = find?.toLowerCase();
    const fitting = specs.filter(
      (spec) =>
        (sought === undefined || spec.name.toLowerCase().includes(sought)) &&
        (!isState(state) || stateOf(spec) === state),
    );
    return isHeld && before.current.asked === asked
      ? asBefore(fitting, before.current.order)
      : sorted(fitting, sorting);
  }, [specs, asked, isHeld]);
  before.current = { asked, order: shown.map(({ name }) => name) };
  return { shown, sorting, hold };
}

function sorted(specs: readonly WorkSpecOverview[], { by, descending }: Sorting): WorkSpecOverview[] {
  const of = SORTS[by];
  const sign = descending ? -1 : 1;
  return specs.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    const order = typeof left === 'string' ? collator.compare(left, right as string) : left - (right as number);
    return sign * order || collator.compare(a.name, b.name);
  });
}

/** What is new comes last. */
function asBefore(specs: readonly WorkSpecOverview[], order: readonly string[]): WorkSpecOverview[] {
  const places = new Map(order.map((name, at) => [name, at]));
  return specs.toSorted((a, b) => (places.get(a.name) ?? Infinity) - (places.get(b.name) ?? Infinity) || 0);
}
