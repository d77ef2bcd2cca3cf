import { CALLS_BY_NAME } from '../../calls/table.js';
import { jsonOf, jsonPieces } from '../../calls/values.js';
import type { LargeJsonReader } from '../../../rest/json/large-reader.js';
import type { Steps } from '../../../rest/json/steps.js';
import type { CallResult } from '../../storage-calls.service.js';
import type { Schema } from '../../../rest/openapi/schema.js';
import { type Field, ObjectField, required } from '../../../rest/schema/body.js';
import { list, text } from '../../../rest/schema/fields.js';
import { always, listOf, plainJson, Representation, sometimes } from '../../../rest/schema/representation.js';

const PARAMETERS: Schema = {
  type: 'object',
  additionalProperties: true,
  example: { namespace: '', workSpec: 'crawl', name: 'u1' },
};

/** An object that is looked at when it is known which call it is of. */
const parameters: Field<object> = {
  schema: PARAMETERS,
  read(reader, name) {
    const start = reader.position;
    if (reader.peek() !== '{') return reader.refuse(name, start, `must be an object, not ${reader.peekTypeName()}`);
    reader.skip();
    return JSON.parse(reader.since(start)) as object;
  },
  *readInSteps(reader, name) {
    return reader.peek() === '{' ? yield* objectInSteps(reader) : this.read(reader, name);
  },
};

function* objectInSteps(reader: LargeJsonReader): Steps<object> {
  const object: Record<string, unknown> = {};
  for (let more = reader.enterObject(); more; more = reader.nextMember()) {
    const key = yield* reader.keyInSteps();
    // As JSON.parse does it: one that would change what an object is is a member like others.
    Object.defineProperty(object, key, { value: yield* plainInSteps(reader), ...MEMBER });
    if (reader.isOver) yield;
  }
  return object;
}

const MEMBER = { writable: true, enumerable: true, configurable: true };

/** A value as JSON.parse has it, of which no part is read in one go that is long. */
function* plainInSteps(reader: LargeJsonReader): Steps<unknown> {
  const first = reader.peek();
  if (first === '{') return yield* objectInSteps(reader);
  if (first === '"') {
    yield* reader.longString();
    return reader.readString();
  }
  if (first !== '[') {
    const start = reader.position;
    reader.skip();
    return JSON.parse(reader.since(start)) as unknown;
  }
  const list: unknown[] = [];
  for (let more = reader.enterList(); more; more = reader.nextItem()) {
    list.push(yield* plainInSteps(reader));
    if (reader.isOver) yield;
  }
  return list;
}

/** So many calls go in one request; a daemon in front sends a tenth of that. */
export const MOST_CALLS = 1_000;

const CALL = new ObjectField(
  'StorageCall',
  {
    call: required(text('units.get'), `One of ${[...CALLS_BY_NAME.keys()].join(', ')}.`),
    with: required(
      parameters,
      'Its parameters by name. Names of units and workers have a character from U+0000 to U+00FF for each byte, moments and spans ' +
        'are whole microseconds, data are `{"$cbor": "…"}` in base64, integers of any size `{"$integer": "…"}`, numbers that JSON ' +
        'does not have `{"$number": "Infinity"}`.',
    ),
  },
  { description: 'One thing that is asked of the storage.' },
);

export const STORAGE_CALLS = new ObjectField(
  'StorageCalls',
  { calls: required(list(CALL), 'They are begun in this order, and none waits for another.') },
  { description: 'What a daemon asks of the one that keeps its state.' },
);

const anyValue = (example: unknown): Schema => ({ example });

const RESULT = new Representation<CallResult>(
  'StorageResult',
  {
    value: {
      ...sometimes(anyValue(2), 'What came of it, spelt as parameters are; null: nothing.', (result: CallResult) =>
        'value' in result ? JSON.stringify(jsonOf(result.value)) : undefined,
      ),
      weight: (result) => ('value' in result ? result.bytes : 0),
      pieces: (result) => ('value' in result ? jsonPieces(result.value) : []),
    },
    error: sometimes(
      { type: 'string', example: 'ErrNoSuchWorkUnit' },
      'In place of a value: the name of an error, or invalid, held, denied, unavailable, unknown (whether it took place is not known) or failed.',
      (result) => ('refused' in result ? plainJson(result.refused.error) : undefined),
    ),
    message: sometimes(
      { type: 'string', example: 'No such work unit "u1"' },
      'Beside an error, for people.',
      (result) => ('refused' in result ? JSON.stringify(result.refused.message) : undefined),
    ),
    subject: sometimes(
      { type: 'string', example: 'u1' },
      'The name that was looked for; of held, the worker that holds the unit; of invalid, what was sent.',
      (result) => ('refused' in result ? orNothing(result.refused.value) : undefined),
    ),
    field: sometimes({ type: 'string', example: 'query.limit' }, 'Of invalid: the parameter.', (result) =>
      'refused' in result ? orNothing(result.refused.field) : undefined,
    ),
  },
  { description: 'What came of a call.' },
);

export const STORAGE_RESULTS = new Representation<readonly CallResult[]>(
  'StorageResults',
  { results: listOf('One for each call, in the order of the calls.', RESULT, (results) => results) },
  { description: 'What came of some calls.' },
);

function orNothing(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text);
}

export const STORAGE_CHAIN = new Representation<readonly string[]>(
  'StorageChain',
  {
    ids: always(
      { type: 'array', items: { type: 'string' }, example: ['5a0b1f4e-7c0f-4e35-9a55-0c5d3a1b2c3d'] },
      'The daemon that was asked, the one that keeps its state, and so on. A circle ends with the one that it comes back to.',
      (ids) => JSON.stringify(ids),
    ),
  },
  { description: 'Daemons, each of which keeps its state in the next.' },
);
