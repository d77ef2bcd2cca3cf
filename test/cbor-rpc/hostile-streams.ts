import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ByteString, encode, type Encodable, Float, RawCbor, Simple, Tagged, Tuple } from '../../src/cbor/index.js';
import { frame, requestMap } from './client.js';
import { readFixture } from './fixtures/fixture.js';

/** What clients really send, of every method: streams are made by damaging it. */
const REQUESTS = loadRequests();
const METHODS = [...new Set(REQUESTS.map(methodOf))];

/**
 * Makes streams that no client should send. The same number always makes the same stream: noise; requests with bytes
 * changed, cut off, doubled or spliced; endless nesting; impossible lengths; and well-formed requests of every method
 * whose parameters are of the wrong types, `__proto__` among their keys.
 */
export function hostileStream(number: number): Buffer {
  const random = new Random(number);
  return random.pick(KINDS)(random);
}

type Kind = (random: Random) => Buffer;

const KINDS: readonly Kind[] = [
  noise,
  mutated,
  mutated,
  cutOff,
  doubled,
  spliced,
  deep,
  hugeLength,
  wrongTypes,
  wrongTypes,
];

function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
}

/** Bytes changed anywhere, its frame included. */
function mutated(random: Random): Buffer {
  const stream = Buffer.concat(Array.from({ length: 1 + random.below(3) }, () => random.pick(REQUESTS)));
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    stream[random.below(stream.length)] = random.pick([random.below(256), 0xff, 0x9f, 0xbf, 0x5f, 0x00, 0x1b]);
  }
  return stream;
}

function cutOff(random: Random): Buffer {
  const request = random.pick(REQUESTS);
  return request.subarray(0, random.below(request.length));
}

function doubled(random: Random): Buffer {
  const request = random.pick(REQUESTS);
  const at = random.below(request.length);
  return Buffer.concat([request.subarray(0, at), request.subarray(at - random.below(at + 1))]);
}

function spliced(random: Random): Buffer {
  const [one, other] = [random.pick(REQUESTS), random.pick(REQUESTS)];
  return Buffer.concat([one.subarray(0, random.below(one.length)), other.subarray(random.below(other.length))]);
}

function deep(random: Random): Buffer {
  const level = random.pick(['81', '9f', 'a100', 'bf00', 'c1', 'd88081', 'd81841', 'd818', '5f', '7f', 'a1426964']);
  const nested = Buffer.from(level.repeat(1 + random.below(2_000)) + random.pick(['', '00']), 'hex');
  if (random.below(3) === 0) return nested;
  const whole = encode(requestMap(1, random.pick(METHODS), new RawCbor(nested)));
  return random.below(2) === 0 ? whole : frame(whole);
}

function hugeLength(random: Random): Buffer {
  const major = random.pick([2, 3, 4, 5]);
  const head = Buffer.alloc(9);
  head[0] = (major << 5) | 27;
  head.writeBigUInt64BE(random.pick([2n ** 26n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n - 1n]), 1);
  const start = random.pick(['', 'd818', '81', 'a1426964', 'a246706172616d7381']);
  return Buffer.concat([Buffer.from(start, 'hex'), head, noise(random)]);
}

function wrongTypes(random: Random): Buffer {
  const params = Array.from({ length: random.below(6) }, () => anyValue(random, 4));
  const named = new Map(params.map((value) => [anyName(random), value]));
  const request = requestMap(
    anyValue(random, 2),
    random.pick(METHODS),
    random.pick<Encodable>([params, params, named]),
  );
  return frame(encode(random.below(5) === 0 ? [request, anyValue(random, 2), request] : request));
}

const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'id', 'method', 'params', 'name', 'options', 'data'],
  ...['work_spec', 'work_spec_name', 'work_unit_key_vals', 'work_unit_keys', 'worker_id', 'status', 'state', 'limit'],
  ...[
    'lease_time',
    'priority',
    'delay',
    'output',
    'continuous',
    'weight',
    'parent',
    'expire_seconds',
    'locker_id',
    'keys',
  ],
];

function anyName(random: Random): string | ByteString {
  const name = random.pick(NAMES);
  return random.below(2) === 0 ? name : new ByteString(name);
}

const ODD_VALUES: readonly Encodable[] = [
  ...[null, undefined, true, false, 0, -1, 1, 5, 1e9, 2 ** 53 - 1, 2n ** 64n - 1n, -(2n ** 64n)],
  ...[new Float(0.5), new Float(NaN), new Float(Infinity), new Float(-Infinity), new Float(1), new Float(-1e308)],
  ...['', 'a', '\0', '\u{1f600}', 'x'.repeat(2_000), new ByteString(''), new ByteString('\xff\xfe'), new Simple(99)],
  ...[new RawCbor(Buffer.from('61ff', 'hex')), new RawCbor(Buffer.from('7f61c3ff', 'hex'))],
];

function anyValue(random: Random, depth: number): Encodable {
  if (depth === 0 || random.below(2) === 0) return random.below(3) === 0 ? anyName(random) : random.pick(ODD_VALUES);
  const items = Array.from({ length: random.below(5) }, () => anyValue(random, depth - 1));
  switch (random.below(4)) {
    case 0:
      return new Tuple(items);
    case 1:
      return new Tagged(random.pick([0, 24, 37, 128, 55_799]), items);
    case 2:
      return new Map(
        items.map((item) => [random.below(5) === 0 ? item : anyName(random), anyValue(random, depth - 1)]),
      );
    default:
      return items;
  }
}

/** A small generator of its own (mulberry32): the same numbers on every machine. */
class Random {
  constructor(private state: number) {
    this.state = Math.imul(state + 1, 0x9e3779b1);
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}

function loadRequests(): Buffer[] {
  const folder = join(import.meta.dirname, 'fixtures');
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const steps = files.flatMap((name) => readFixture(join(folder, name)).steps);
  return steps.flatMap((step) => (step.kind === 'exchange' ? [step.sends] : []));
}

function methodOf(request: Buffer): string {
  return /method[\x40-\x57X]?.?([a-z_]+)/s.exec(request.latin1Slice())?.[1] ?? 'now';
}
