import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteString, CborMap, type CborValue, encode } from '../../src/cbor/index.js';
import { specDictionary, writeSpec } from '../../src/cbor-rpc/handlers/spec-dictionary.js';
import { AnswerPieces, AnswerRoom } from '../../src/cbor-rpc/large-answer.js';
import { MemoryGate } from '../../src/cbor-rpc/memory-gate.js';
import { RpcStatistics } from '../../src/cbor-rpc/rpc-statistics.js';
import type { WorkSpec } from '../../src/domain/work-spec.js';
import { defineWorkSpec } from '../../src/domain/work-spec.js';
import { cborValue } from '../cbor/arbitraries.js';
import { sized } from '../support/full-size.js';

/** What is written of a spec that is large. */
async function written(spec: WorkSpec): Promise<string> {
  const to = new AnswerPieces(new AnswerRoom(new MemoryGate(1 << 30, new RpcStatistics()), { isGone: false }));
  await writeSpec(to, spec);
  return Buffer.concat(to.end()).toString('hex');
}

const key = fc.constantFrom<CborValue>(
  'module',
  'run_function',
  new ByteString('module'),
  new ByteString('run_function'),
  'other',
  7,
);
const value = fc.oneof(cborValue, fc.constantFrom<CborValue>('text', 'é', new ByteString('bytes'), ['module', 'x']));
const entries = fc.array(fc.tuple(key, value), { maxLength: 8 });

describe('the dictionary of a large work spec', () => {
  it('is written as that of a small one', async () => {
    const property = fc.asyncProperty(entries, fc.boolean(), async (content, isIndefinite) => {
      const definite = encode(new CborMap([['name', 's'], ...content]));
      const map = isIndefinite ? Buffer.concat([Buffer.of(0xbf), definite.subarray(1), Buffer.of(0xff)]) : definite;
      const spec: WorkSpec = { ...defineWorkSpec(encode({ name: 's' })), data: map };
      expect(await written(spec)).toBe(Buffer.from(specDictionary(spec).bytes).toString('hex'));
    });
    await fc.assert(property, { numRuns: sized(300, 60) });
  });
});
