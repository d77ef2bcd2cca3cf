import type { Item } from './cbor-items.js';
import { CborItems, floatText, uuidText } from './cbor-items.js';

const WORDS: Readonly<Record<number, string>> = { 20: 'false', 21: 'true', 22: 'null', 23: '{"$undefined": true}' };

/**
 * A value as JSON in which what JSON has nothing for is spelt out, as the daemon reads it: every integer to its last digit, floats with a
 * fraction. What is read of it is what was written.
 */
export function textOfData(bytes: Uint8Array): string {
  const items = new CborItems(bytes);
  return bytes.length === 0 ? '{}' : write(items, items.item(), '\n');
}

/** @param line a break of lines and how far in it is */
function write(items: CborItems, item: Item, line: string): string {
  const { argument } = item;
  switch (items.kind(item)) {
    case 'integer':
      return String(items.integer(item));
    case 'float':
      return spelt(item.width === 26 ? '$float32' : item.width === 25 ? '$float16' : undefined, items.float(item));
    case 'text':
      return JSON.stringify(items.text(item) ?? '');
    case 'bytes': {
      const text = items.text(item);
      return text === undefined ? `{"$bytes": ${base64(items.content(item))}}` : `{"$utf8": ${JSON.stringify(text)}}`;
    }
    case 'word':
      return WORDS[item.width];
    case 'simple':
      return `{"$simple": ${argument}}`;
    case 'list':
      return list(items, item, line);
    case 'map':
      return map(items, item, line);
    case 'tag':
      return tag(items, item, line);
  }
}

function list(items: CborItems, item: Item, line: string): string {
  const inner = `${line}  `;
  const all = [...items.inside(item)].map((one) => write(items, one, inner));
  return all.length === 0 ? '[]' : `[${inner}${all.join(`,${inner}`)}${line}]`;
}

function map(items: CborItems, item: Item, line: string): string {
  const inner = `${line}  `;
  const all = [...items.inside(item)];
  const pairs = all.flatMap((key, at) => (at % 2 === 0 ? [[key, all[at + 1]] as const] : []));
  if (pairs.length === 0) return '{}';
  const keys = pairs.map(([key]) => (key.major === 3 ? items.text(key) : undefined));
  const isObject = keys.every((key) => key !== undefined) && new Set(keys).size === keys.length;
  // An object of one such key alone would be read as something spelt out.
  if (isObject && !(keys.length === 1 && keys[0].startsWith('$'))) {
    const entries = pairs.map(([, value], at) => `${JSON.stringify(keys[at])}: ${write(items, value, inner)}`);
    return `{${inner}${entries.join(`,${inner}`)}${line}}`;
  }
  const entries = pairs.map(([key, value]) => `[${write(items, key, inner)}, ${write(items, value, inner)}]`);
  return `{"$map": [${inner}${entries.join(`,${inner}`)}${line}]}`;
}

function tag(items: CborItems, item: Item, line: string): string {
  const number = item.argument!;
  const [of] = items.inside(item);
  const uuid = number === 37n && of.major === 2 ? uuidText(items.content(of)) : undefined;
  if (uuid !== undefined) return `{"$uuid": ${JSON.stringify(uuid)}}`;
  if (number === 128n && of.major === 4) return `{"$tuple": ${list(items, of, line)}}`;
  const shown = number <= BigInt(Number.MAX_SAFE_INTEGER) ? String(number) : `"${number}"`;
  return `{"$tag": [${shown}, ${write(items, of, line)}]}`;
}

function spelt(name: string | undefined, value: number): string {
  const isPlain = Number.isFinite(value) && !Object.is(value, -0);
  const text = isPlain ? floatText(value) : JSON.stringify(Object.is(value, -0) ? '-0.0' : String(value));
  return name === undefined && isPlain ? text : `{"${name ?? '$float'}": ${text}}`;
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return JSON.stringify(btoa(binary));
}
