import type { Awaitable } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import { JsonStream } from '../../rest/http/answers.js';
import { listJson } from '../../rest/schema/representation.js';
import { linkUnits, WORK_UNIT_SHORT } from './work-unit.dto.js';

/** So many names are asked for at a time: other requests come in between, and nobody holds a million of them. */
const WINDOW = 1000;

/** Asks for the names behind one, at most so many. */
export type NameWindow = (previous: ByteName | undefined, limit: number) => Awaitable<ByteName[]>;

/** The listing of all units there are: whole where one window holds them, else in chunks as they are read. */
export async function listAll(specUrl: string, window: NameWindow, previous?: ByteName): Promise<string | JsonStream> {
  const first = await window(previous, WINDOW + 1);
  if (first.length <= WINDOW) return `{"work_units":${listJson(linkUnits(specUrl, first), WORK_UNIT_SHORT.json)}}`;
  return new JsonStream(chunks(specUrl, window, first));
}

async function* chunks(specUrl: string, window: NameWindow, first: ByteName[]): AsyncGenerator<string> {
  let separator = '{"work_units":[';
  for (let names = first; names.length > 0; names = await window(names.at(-1), WINDOW)) {
    yield separator + linkUnits(specUrl, names).map(WORK_UNIT_SHORT.json).join(',');
    separator = ',';
  }
  yield ']}';
}
