import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../../components/Button.js';
import { Empty, ErrorNote } from '../../components/states.js';
import { Table } from '../../components/Table.js';
import { count as countOf, whole } from '../../format/numbers.js';
import { pathPart } from '../../names.js';
import type { ListedUnit, SpecPlace, UnitFilter } from '../../data/units.js';
import { useKnownCount } from '../../data/units.js';
import { useUnitWindows } from '../../data/unit-windows.js';
import type { UnitsSearch } from '../../router.js';
import { columnsFor } from './columns.js';
import { RowJump } from './RowJump.js';
import { SelectionBar } from './SelectionBar.js';

const ROW_HEIGHT = 36;
/** Browsers draw nothing that is many millions of pixels high: so many rows are scrolled through at a time. */
const PART = 100_000;
/** How long the list must rest before the address says where it is, in milliseconds. */
const REST_MS = 400;

export type Selected = ReadonlyMap<string, ListedUnit>;
const NONE: Selected = new Map();

interface Props {
  readonly place: SpecPlace;
  readonly filter: UnitFilter;
  readonly start: { readonly row: number; readonly from: string | undefined };
  readonly onMove: (to: Pick<UnitsSearch, 'row' | 'from'>) => void;
  readonly mayChange: boolean;
}

/** As many rows as there are units, of which those are loaded that are seen. */
export function UnitList({ place, filter, start, onMove, mayChange }: Props) {
  const { windows, state } = useUnitWindows(place, filter, start);
  const known = useKnownCount(place, filter);
  const total = state.isEnd ? state.reached : (known ?? state.reached);
  const [part, setPart] = useState(Math.floor(start.row / PART));
  const first = part * PART;
  const rows = Math.max(0, Math.min(PART, total - first));
  const [selected, setSelected] = useState(NONE);
  const [isAll, setAll] = useState(false);
  const navigate = useNavigate();

  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef(start.row > 0 ? start.row : undefined);
  const told = useRef({ row: start.row, from: start.from });
  /** @returns whether the row is at the top now */
  const scrollTo = (row: number): boolean => {
    const body = box.current?.querySelector('.table-body');
    if (!body) return false;
    const below = (): number => body.getBoundingClientRect().top + (row % PART) * ROW_HEIGHT - topOf(box.current!);
    scrollBy(0, below());
    return Math.abs(below()) < 1;
  };
  useLayoutEffect(() => {
    if (wanted.current === undefined || rows <= wanted.current % PART) return;
    // While there is no screen full of rows known after it, it can't get to the top.
    if (scrollTo(wanted.current) || state.isEnd || known !== undefined) wanted.current = undefined;
  });
  const goTo = (row: number): void => {
    const at = Math.max(0, Math.min(total - 1, row));
    wanted.current = at;
    if (Math.floor(at / PART) === part) {
      scrollTo(at);
      wanted.current = undefined;
    } else setPart(Math.floor(at / PART));
  };
  // The address says where one is once one rests there, and the way there is known.
  const tell = (): void => {
    const body = box.current?.querySelector('.table-body');
    if (!body || wanted.current !== undefined) return;
    const hidden = Math.round((topOf(box.current!) - body.getBoundingClientRect().top) / ROW_HEIGHT);
    const row = first + Math.max(0, hidden);
    const from = windows.nameBefore(row);
    if (row === told.current.row && from === told.current.from) return;
    told.current = { row, from };
    onMove({ row: row === 0 ? undefined : row + 1, from });
  };
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const onRest = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(), REST_MS);
    };
    addEventListener('scroll', onRest, { passive: true });
    const unsubscribe = windows.subscribe(onRest);
    return () => {
      clearTimeout(timer);
      unsubscribe();
      removeEventListener('scroll', onRest);
    };
  }, [windows]);

  const onRange = useCallback((from: number, to: number) => windows.show(first + from, first + to), [windows, first]);
  const select = (unit: ListedUnit): void => {
    const after = new Map(isAll ? [] : selected);
    const key = pathPart(unit.name);
    if (!after.delete(key)) after.set(key, unit);
    setAll(false);
    setSelected(after);
  };
  const isSelected = ({ name }: ListedUnit): boolean => isAll || selected.has(pathPart(name));
  const columns = useMemo(
    () => columnsFor({ place, isSelected, select, mayChange, all: { isAll, set: setAll } }),
    [place.namespace, place.spec, selected, isAll, mayChange],
  );

  return (
    <section className="section" aria-label="Units">
      <SelectionBar
        place={place}
        filter={filter}
        selected={selected}
        isAll={isAll}
        mayChange={mayChange}
        onClear={() => {
          setSelected(NONE);
          setAll(false);
        }}
        onDone={() => windows.refresh()}
      >
        <span role="status">{summary(total, state, known)}</span>
        {total > rows || rows > 200 ? <RowJump total={total} onGo={goTo} /> : null}
      </SelectionBar>
      {state.error !== undefined && <ErrorNote error={state.error} />}
      <div ref={box}>
        {first > 0 && (
          <PartLink onGo={() => goTo(first - 1)} text={`Rows ${whole(first - PART + 1)} to ${whole(first)}`} />
        )}
        {rows > 0 && (
          <Table<ListedUnit>
            key={part}
            label="Units"
            columns={columns}
            count={rows}
            rowAt={(at) => windows.rowAt(first + at)}
            keyOf={({ name }) => pathPart(name)}
            rowHeight={ROW_HEIGHT}
            onRange={onRange}
            onOpen={({ name }) =>
              void navigate({ to: '/n/$namespace/units/$spec/$unit', params: { ...place, unit: name } })
            }
            onSelect={mayChange ? select : undefined}
            isSelected={isSelected}
          />
        )}
        {first + rows < total && (
          <PartLink onGo={() => goTo(first + PART)} text={`From row ${whole(first + PART + 1)} on`} />
        )}
      </div>
      {total === 0 && state.error === undefined && <NoUnits filter={filter} mayChange={mayChange} />}
    </section>
  );
}

/** Where what is stuck to the top of the page ends. */
function topOf(box: HTMLElement): number {
  const head = box.querySelector('.table-head');
  return head === null ? 0 : parseFloat(getComputedStyle(head).top) + head.clientHeight;
}

function PartLink({ onGo, text }: { readonly onGo: () => void; readonly text: string }) {
  return (
    <Button kind="quiet" onClick={onGo}>
      {text}
    </Button>
  );
}

function summary(
  total: number,
  state: { isEnd: boolean; version: number; walking?: { to: number; at: number } },
  known: number | undefined,
): string {
  if (state.walking) return `On the way to row ${whole(state.walking.to + 1)}, at ${whole(state.walking.at)} …`;
  if (state.version === 0 && known === undefined) return 'Looking …';
  if (state.isEnd || known !== undefined) return countOf(total, 'unit');
  return `More than ${whole(Math.max(0, total - 100))}: nobody has counted them yet`;
}

function NoUnits({ filter, mayChange }: { readonly filter: UnitFilter; readonly mayChange: boolean }) {
  const isAll = Object.values(filter).every((value) => value === undefined);
  if (!isAll) return <Empty title="No unit is like that">Look for something else, or for all of them.</Empty>;
  return (
    <Empty title="There are no units yet">
      {mayChange
        ? 'Add some by hand, or drop a file of them here: names, JSON lines or CSV.'
        : 'They are shown as soon as they are added.'}
    </Empty>
  );
}
