import { useDeferredValue, useMemo, useState } from 'react';
import type { Item } from '../data/cbor-items.js';
import { CborItems, floatText, hex, tagName, uuidText, WORDS } from '../data/cbor-items.js';
import { keyText, searchData } from '../data/cbor-search.js';
import { textOfData } from '../data/cbor-text.js';
import { bytes as bytesText, count as countOf, whole } from '../format/numbers.js';
import { shown } from '../names.js';
import { Button } from './Button.js';
import { SearchField } from './Fields.js';
import { Icon } from './Icon.js';
import { done, wentWrong } from './toasts.js';

/** So many of a list or map are shown, and so many more at each wish. */
const AT_ONCE = 100;
/** So many characters of a text are shown until one wants all. */
const LONG = 2_000;
const MOST_FOUND = 200;

/** A data dictionary as a tree to look into: every value as it is, with its type where JSON has none for it. */
export function DataTree({ bytes, label }: { readonly bytes: Uint8Array; readonly label: string }) {
  const items = useMemo(() => new CborItems(bytes), [bytes]);
  const root = useMemo(() => (bytes.length === 0 ? undefined : readOrError(items)), [items]);
  const [text, setText] = useState('');
  const sought = useDeferredValue(text);
  const found = useMemo(
    () =>
      sought === '' || root === undefined || root instanceof Error ? undefined : searchData(items, sought, MOST_FOUND),
    [items, sought],
  );
  if (root instanceof Error) return <p className="muted">{root.message}</p>;
  if (root === undefined || (root.major === 5 && items.size(root) === 0)) return <p className="muted">Empty.</p>;
  const copy = (): void => {
    navigator.clipboard.writeText(textOfData(bytes)).then(
      () => done('Copied'),
      (error: unknown) => wentWrong('Copying', error),
    );
  };
  return (
    <div className="section">
      <div className="bar">
        <SearchField label={`Search in ${label}`} value={text} onChange={({ target }) => setText(target.value)} />
        <span className="muted">{bytesText(bytes.length)}</span>
        <span className="spacer" />
        <Button onClick={copy}>Copy</Button>
      </div>
      <div className="data-tree" tabIndex={0} role="group" aria-label={label}>
        {found === undefined ? (
          <Inside items={items} item={root} />
        ) : (
          <>
            <p className="muted" role="status">
              {found.length === MOST_FOUND ? `The first ${MOST_FOUND}` : countOf(found.length, 'place')}
            </p>
            <ul>
              {found.map(({ path, item }) => (
                <Node key={`${path} ${item.at}`} items={items} item={item} name={path} />
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

function readOrError(items: CborItems): Item | Error {
  try {
    return items.item();
  } catch (error) {
    return error as Error;
  }
}

/** What is in a list or map, or the value itself where it is neither. */
function Inside({ items, item }: { readonly items: CborItems; readonly item: Item }) {
  const [most, setMost] = useState(AT_ONCE);
  const entries = useMemo(() => firstOf(items, item, most), [items, item, most]);
  const size = items.kind(item) === 'tag' ? 1 : items.size(item);
  return (
    <ul>
      {entries.map(([name, value]) => (
        <Node key={value.at} items={items} item={value} name={name} />
      ))}
      {size > most && (
        <li>
          <button type="button" className="muted" onClick={() => setMost(most + 10 * AT_ONCE)}>
            … {whole(size - most)} more
          </button>
        </li>
      )}
    </ul>
  );
}

function firstOf(items: CborItems, item: Item, most: number): (readonly [name: string, value: Item])[] {
  const entries: (readonly [string, Item])[] = [];
  const isMap = item.major === 5;
  let key: string | undefined;
  for (const one of items.inside(item)) {
    if (entries.length >= most) break;
    if (!isMap) entries.push([item.major === 6 ? '' : String(entries.length), one]);
    else if (key === undefined) key = keyText(items, one);
    else {
      entries.push([key, one]);
      key = undefined;
    }
  }
  return entries;
}

function Node({ items, item, name }: { readonly items: CborItems; readonly item: Item; readonly name: string }) {
  const [isOpen, setOpen] = useState(false);
  const { of, tag } = unwrapped(items, item);
  const kind = items.kind(of);
  const isParent = kind === 'list' || kind === 'map' || kind === 'tag';
  if (!isParent) {
    return (
      <li className="data-line">
        {name !== '' && <bdi className="data-key">{shown(name)}</bdi>}
        <Value items={items} item={of} tag={tag} />
      </li>
    );
  }
  const size = kind === 'tag' ? 1 : items.size(of);
  return (
    <li>
      <button type="button" className="data-line" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className={isOpen ? 'icon-box is-open' : 'icon-box'}>
          <Icon name={isOpen ? 'down' : 'right'} />
        </span>
        {name !== '' && <bdi className="data-key">{shown(name)}</bdi>}
        <span className="data-kind">
          {tag ?? (kind === 'tag' ? tagName(of.argument!) : kind)} {kind !== 'tag' && whole(size)}
        </span>
      </button>
      {isOpen && <Inside items={items} item={of} />}
    </li>
  );
}

/** What a tag is of, where both are shown on one line. */
function unwrapped(items: CborItems, item: Item): { readonly of: Item; readonly tag?: string } {
  if (item.major !== 6) return { of: item };
  const [of] = items.inside(item);
  return of.major === 6 ? { of: item } : { of, tag: tagName(item.argument!) };
}

function Value({ items, item, tag }: { readonly items: CborItems; readonly item: Item; readonly tag?: string }) {
  const { text, look, type } = shownValue(items, item, tag);
  const [isAll, setAll] = useState(false);
  const isLong = text.length > LONG && !isAll;
  return (
    <>
      <bdi className={`data-value ${look}`}>{isLong ? text.slice(0, LONG) : text}</bdi>
      {isLong && (
        <button type="button" className="muted" onClick={() => setAll(true)}>
          … {whole(text.length - LONG)} characters more
        </button>
      )}
      {type !== undefined && <span className="data-kind">{type}</span>}
    </>
  );
}

interface Shown {
  readonly text: string;
  readonly look: 'text' | 'number' | 'word';
  /** Said where JSON has no type for it. */
  readonly type?: string;
}

function shownValue(items: CborItems, item: Item, tag: string | undefined): Shown {
  switch (items.kind(item)) {
    case 'integer': {
      const value = items.integer(item);
      const isLarge = value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER);
      return { text: String(value), look: 'number', type: tag ?? (isLarge ? 'integer' : undefined) };
    }
    case 'float':
      return {
        text: floatText(items.float(item)),
        look: 'number',
        type: tag ?? (item.width === 27 ? undefined : `float ${item.width === 26 ? 32 : 16}`),
      };
    case 'text':
      return { text: quoted(items.text(item)), look: 'text', type: tag };
    case 'bytes':
      return bytesValue(items, item, tag);
    case 'word':
      return { text: WORDS[item.width], look: 'word', type: tag };
    default:
      return { text: `simple(${item.argument})`, look: 'word', type: tag };
  }
}

function bytesValue(items: CborItems, item: Item, tag: string | undefined): Shown {
  const content = items.content(item);
  if (tag === 'UUID') return { text: uuidText(content) ?? hex(content), look: 'number', type: tag };
  if (tag === 'large integer') {
    const magnitude = BigInt(`0x${hex(content) || '0'}`);
    // Its tag is the byte before.
    const isNegative = items.bytes[item.at - 1] === 0xc3;
    return { text: String(isNegative ? -1n - magnitude : magnitude), look: 'number', type: tag };
  }
  const text = items.text(item);
  const size = countOf(content.length, 'byte');
  return text === undefined
    ? { text: hex(content.subarray(0, 10_000)), look: 'number', type: tag ?? size }
    : { text: quoted(text), look: 'text', type: tag ?? `${size}, UTF-8` };
}

/** Text with what would not be seen spelt out, its breaks of lines kept. */
function quoted(text: string | undefined): string {
  if (text === undefined || text === '') return '""';
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : shown(line)))
    .join('\n');
}
