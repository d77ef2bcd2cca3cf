import { messageOf, UsageError } from '../errors.js';
import { valueOf } from './definition.js';
import type { Line } from './lines.js';
import { textOf } from './lines.js';

/**
 * The items of a list, or the entries of a map, of YAML, of which nothing but one is held at a time: those in the way of blocks begin
 * at the first column. An alias can mean nothing outside its own item.
 */
export async function* yamlItems(lines: AsyncIterable<Line[]>): AsyncGenerator<{ number: number; value: unknown }> {
  let chunk: string[] = [];
  let number = 0;
  // A list between brackets, and a unit that is a document, are one item.
  let isWhole: boolean | undefined;
  const read = (): { number: number; value: unknown } => {
    const value = parsed(chunk.join('\n'), number);
    chunk = [];
    return { number, value };
  };
  for await (const some of lines) {
    for (const line of some) {
      const text = textOf(line);
      const [separator, behind] = /^(?:---|\.\.\.)(?:\s+(.*))?$/.exec(text) ?? [];
      if (separator !== undefined) {
        if (behind && !behind.startsWith('#')) {
          throw new UsageError(`line ${line.number}: what is behind --- goes on a line of its own`);
        }
        if (chunk.length > 0) yield read();
        isWhole = undefined;
        continue;
      }
      if (text.startsWith('#') || (chunk.length === 0 && text.trim() === '')) continue;
      isWhole ??= /^(?:[[{]|(?:name|name_encoded):)/.test(text);
      if (!isWhole && chunk.length > 0 && /^\S/.test(text)) yield read();
      if (chunk.length === 0) number = line.number;
      chunk.push(text);
    }
  }
  if (chunk.length > 0) yield read();
}

function parsed(text: string, number: number): unknown {
  try {
    return valueOf(text);
  } catch (error) {
    throw new UsageError(`line ${number}: ${messageOf(error)}`);
  }
}
