import type { Encodable } from '../../cbor/index.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { nameBehind } from '../../domain/names.js';
import type { MeasuredSpec, WorkSpec } from '../../domain/work-spec.js';
import type { WorkSpecsService } from '../../work-specs/work-specs.service.js';
import type { AnswerPieces } from '../large-answer.js';
import { isLarge, LargeResult } from '../large-answer.js';
import type { RpcResult } from '../results.js';
import { specName } from './answers.js';
import { AT_ONCE, bytesOfAll, partsOf } from './parts.js';
import { specDictionary, writeSpec } from './spec-dictionary.js';

/** Where specs are read. */
export interface SpecSource {
  readonly specs: WorkSpecsService;
  readonly namespace: string;
}

/**
 * So many specs and the name of the next one: at once where they are small, else in slices and only if there is room for all.
 * @param limit - may be infinite
 */
export function specsAnswer(source: SpecSource, start: string | undefined, limit: number): Awaitable<RpcResult> {
  if (limit <= 0) return [[], null];
  const { specs, namespace } = source;
  // One more than asked for: its name is where the next page starts.
  const window = { start, limit: limit + 1 };
  return whenReady(measure(source, start, window.limit), (measured): Awaitable<RpcResult> => {
    if (measured.length === 0) return [[], null];
    if (measured.length === AT_ONCE || isLarge(bytesOfAll(measured))) {
      return new LargeResult((to) => writeSpecs(to, source, start, limit));
    }
    return whenReady(specs.stored.list(namespace, window), (found) => [
      found.slice(0, limit).map(specDictionary),
      nameOf(found[limit]),
    ]);
  });
}

/** Writes what specsAnswer answers, in slices. @throws RpcError when there is no room for it */
export async function writeSpecs(
  to: AnswerPieces,
  source: SpecSource,
  start: string | undefined,
  limit: number,
): Promise<void> {
  await needRoom(to, source, start, limit);
  to.out.writeArrayHead(2);
  const list = to.beginList();
  let count = 0;
  let next: WorkSpec | undefined;
  for await (const spec of inParts(source, start)) {
    if (count === limit) {
      next = spec;
      break;
    }
    await writeSpec(to, spec);
    count++;
  }
  to.endList(list, count);
  to.out.writeValue(nameOf(next));
}

/** Measures all before anything is read: what is too much is to cost nothing. */
async function needRoom(to: AnswerPieces, source: SpecSource, start: string | undefined, limit: number): Promise<void> {
  let bytes = 0;
  for (let from = start, left = limit; left > 0;) {
    const measured = await measure(source, from, left);
    bytes += bytesOfAll(measured) + measured.length;
    to.room.need(bytes);
    if (measured.length < AT_ONCE) return;
    left -= measured.length;
    from = nameBehind(measured[measured.length - 1].name);
    if (to.isOver(measured.length)) await to.nextTurn();
  }
}

/** All specs from a name on, never more of them in memory than are read at once. */
async function* inParts(source: SpecSource, start: string | undefined): AsyncGenerator<WorkSpec> {
  for (let from = start; ;) {
    const measured = await measure(source, from, AT_ONCE);
    if (measured.length === 0) return;
    for (const part of partsOf(measured)) {
      // Others may have come in between, or gone: it is from behind the last one that it goes on.
      const found = await source.specs.stored.list(source.namespace, { start: from, limit: part.length });
      yield* found;
      const last = found.at(-1);
      if (!last) return;
      from = nameBehind(last.name);
    }
  }
}

function measure(
  { specs, namespace }: SpecSource,
  start: string | undefined,
  limit: number,
): Awaitable<MeasuredSpec[]> {
  return specs.stored.measure(namespace, { start, limit: Math.min(limit, AT_ONCE) });
}

function nameOf(spec: WorkSpec | undefined): Encodable {
  return spec ? specName(spec.name, spec.nameIsBytes) : null;
}
