import { readFileSync } from 'node:fs';
import type { Data } from 'coordinate-client';
import { parse } from 'yaml';
import { messageOf, UsageError } from '../errors.js';
import { meant } from './meant.js';

export type Definition = Readonly<Record<string, unknown>>;

/** The definition of a work spec in a file of YAML, or of JSON, which is YAML. `-` is the standard input. @throws UsageError */
export function readDefinition(path: string): Definition {
  const value = readYaml(path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)) {
    return value as Definition;
  }
  throw new UsageError(`${path}: the definition of a work spec is a map`);
}

/** What is in a file of YAML. @throws UsageError */
export function readYaml(path: string): unknown {
  try {
    return valueOf(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`);
  }
}

/** The value of YAML, integers of any size exactly. @throws Error */
export function valueOf(text: string): unknown {
  return meant(parse(text, { intAsBigInt: true, logLevel: 'error' }));
}

/** The name in a definition. @throws UsageError */
export function nameIn({ name }: Definition, path: string): string {
  if (typeof name === 'string') return name;
  throw new UsageError(`${path}: the work spec has no name`);
}

/** Data on the command line: a map. @throws UsageError */
export function dataOf(text: string): Data {
  let value: unknown;
  try {
    value = valueOf(text);
  } catch (error) {
    throw new UsageError(`not JSON, nor YAML: ${messageOf(error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Data;
  throw new UsageError(`data are a map such as '{"width": 640}': ${text}`);
}
