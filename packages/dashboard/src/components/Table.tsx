import { useWindowVirtualizer } from '@tanstack/react-virtual';
import type { KeyboardEvent, ReactNode } from 'react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { useShortcuts } from '../keys/shortcuts.js';
import { Icon } from './Icon.js';

export interface Column<T> {
  readonly id: string;
  readonly title: ReactNode;
  /** A track of a CSS grid, such as `minmax(10rem, 2fr)`. */
  readonly width: string;
  readonly align?: 'end';
  readonly cell: (row: T) => ReactNode;
  /** Whether rows may be sorted by it. */
  readonly sortable?: boolean;
  /** Where there is no room: left out below this width of the table, in rem. */
  readonly from?: number;
}

export interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

export interface TableProps<T> {
  /** What it is a table of. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly count: number;
  /** A row; undefined: it is on its way. */
  readonly rowAt: (at: number) => T | undefined;
  readonly keyOf: (row: T) => string;
  readonly sorting?: Sorting;
  readonly onSort?: (by: string) => void;
  /** What Enter on a row does, and a click where nothing else takes it. */
  readonly onOpen?: (row: T) => void;
  /** What `x` on a row does. */
  readonly onSelect?: (row: T) => void;
  readonly isSelected?: (row: T) => boolean;
  /** Rows are of one height, in pixels. */
  readonly rowHeight?: number;
  /** Told which rows are shown, so that they can be asked for. */
  readonly onRange?: (first: number, last: number) => void;
}

/**
 * Rows of one height, of which there are as many in the page as can be seen: a million cost what forty do. They scroll with the page.
 * j and k go down and up, Enter opens, x selects.
 */
export function Table<T>(props: TableProps<T>) {
  const { label, columns, count, rowAt, keyOf, rowHeight = 40, onOpen, onSelect, onRange } = props;
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [width, setWidth] = useState(Infinity);
  const [cursor, setCursor] = useState(-1);
  useLayoutEffect(() => {
    const measure = (): void => {
      if (body.current === null) return;
      setTop(body.current.getBoundingClientRect().top + window.scrollY);
      setWidth(body.current.clientWidth / parseFloat(getComputedStyle(document.documentElement).fontSize));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: top,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useLayoutEffect(() => onRange?.(first, last), [first, last, onRange]);

  const go = (to: number): void => {
    const at = Math.max(0, Math.min(count - 1, to));
    setCursor(at);
    virtual.scrollToIndex(at, { align: 'auto' });
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus());
  };
  const onRow = (then?: (row: T) => void) => (): void => {
    const row = cursor < 0 ? undefined : rowAt(cursor);
    if (row !== undefined) then?.(row);
  };
  useShortcuts([
    { keys: 'j', title: 'Next row', run: () => go(cursor + 1) },
    { keys: 'k', title: 'Row before', run: () => go(cursor - 1) },
    ...(onSelect ? [{ keys: 'x', title: 'Select the row', run: onRow(onSelect) }] : []),
  ]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = { ArrowDown: cursor + 1, ArrowUp: cursor - 1, Home: 0, End: count - 1 };
    if (event.key in moves) {
      event.preventDefault();
      go(moves[event.key]);
    } else if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.dataset.at !== undefined) {
      onRow(onOpen)();
    }
  };

  const shown = columns.filter(({ from = 0 }) => width >= from);
  const template = shown.map((column) => column.width).join(' ');
  return (
    <div className="table" role="table" aria-label={label} aria-rowcount={count + 1} aria-colcount={shown.length}>
      <div className="table-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        {shown.map((column) => (
          <HeadCell key={column.id} column={column} sorting={props.sorting} onSort={props.onSort} />
        ))}
      </div>
      <div
        className="table-body"
        role="rowgroup"
        ref={body}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
      >
        {items.map(({ index, start }) => {
          const row = rowAt(index);
          return (
            <Row<T>
              key={row === undefined ? index : keyOf(row)}
              at={index}
              row={row}
              columns={shown}
              template={template}
              top={start - top}
              height={rowHeight}
              isCursor={index === cursor || (cursor < 0 && index === 0)}
              isSelected={row !== undefined && (props.isSelected?.(row) ?? false)}
              onFocus={setCursor}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
}

function HeadCell<T>({
  column: { id, title, align, sortable },
  sorting,
  onSort,
}: {
  readonly column: Column<T>;
  readonly sorting?: Sorting;
  readonly onSort?: (by: string) => void;
}) {
  const isBy = sorting?.by === id;
  const direction = isBy ? (sorting.descending ? 'descending' : 'ascending') : sortable ? 'none' : undefined;
  return (
    <div role="columnheader" className={align === 'end' ? 'end' : undefined} aria-sort={direction}>
      {sortable && onSort ? (
        <button type="button" className="sort" onClick={() => onSort(id)}>
          {title}
          <span className={isBy ? `sort-mark ${direction}` : 'sort-mark'}>
            <Icon name="down" />
          </span>
        </button>
      ) : (
        title
      )}
    </div>
  );
}

interface RowProps<T> {
  readonly at: number;
  readonly row: T | undefined;
  readonly columns: readonly Column<T>[];
  readonly template: string;
  readonly top: number;
  readonly height: number;
  readonly isCursor: boolean;
  readonly isSelected: boolean;
  readonly onFocus: (at: number) => void;
  readonly onOpen?: (row: T) => void;
}

/** Drawn anew only when it has changed: an object of a row that stays the same stands for what is the same. */
const Row = memo(function Row<T>({ at, row, columns, template, top, height, ...props }: RowProps<T>) {
  const { isCursor, isSelected, onFocus, onOpen } = props;
  return (
    <div
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isSelected || undefined}
      className={onOpen ? 'table-row opens' : 'table-row'}
      data-at={at}
      tabIndex={isCursor ? 0 : -1}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)`, height }}
      onFocus={() => onFocus(at)}
      onClick={({ target, defaultPrevented }) => {
        const isTaken = (target as HTMLElement).closest('a, button, input, label, select') !== null;
        if (row !== undefined && !isTaken && !defaultPrevented && getSelection()?.type !== 'Range') onOpen?.(row);
      }}
    >
      {columns.map(({ id, align, cell }) => (
        <div key={id} role="cell" className={align === 'end' ? 'end' : undefined}>
          {row === undefined ? <span className="loading-cell" /> : cell(row)}
        </div>
      ))}
    </div>
  );
}) as <T>(props: RowProps<T>) => ReactNode;
