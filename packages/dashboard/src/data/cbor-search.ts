import type { Item } from './cbor-items.js';
import type { CborItems } from './cbor-items.js';

export interface Found {
  /** Keys and places on the way to it. */
  readonly path: string;
  readonly item: Item;
}

/** The values whose key, or whose text or number, has this in it; the first so many. */
export function searchData(items: CborItems, sought: string, most: number): Found[] {
  const found: Found[] = [];
  const wanted = sought.toLowerCase();
  const has = (text: string | undefined): boolean => text?.toLowerCase().includes(wanted) ?? false;
  const look = (item: Item, path: string, isNamed: boolean): void => {
    if (found.length >= most) return;
    const kind = items.kind(item);
    const isIt =
      isNamed ||
      ((kind === 'text' || kind === 'bytes') && has(items.text(item))) ||
      (kind === 'integer' && has(String(items.integer(item)))) ||
      (kind === 'float' && has(String(items.float(item))));
    if (isIt) found.push({ path, item });
    if (kind === 'list') {
      let at = 0;
      for (const one of items.inside(item)) {
        look(one, `${path}[${at++}]`, false);
        if (found.length >= most) return;
      }
    } else if (kind === 'tag') {
      for (const one of items.inside(item)) look(one, path, false);
    } else if (kind === 'map') {
      let key: string | undefined;
      for (const one of items.inside(item)) {
        if (key === undefined) key = keyText(items, one);
        else {
          look(one, path === '' ? key : `${path}.${key}`, has(key));
          key = undefined;
        }
        if (found.length >= most) return;
      }
    }
  };
  look(items.item(), '', false);
  return found;
}

/** A key of a map in a word. */
export function keyText(items: CborItems, key: Item): string {
  switch (items.kind(key)) {
    case 'text':
    case 'bytes':
      return items.text(key) ?? '(bytes)';
    case 'integer':
      return String(items.integer(key));
    case 'float':
      return String(items.float(key));
    default:
      return `(${items.kind(key)})`;
  }
}
