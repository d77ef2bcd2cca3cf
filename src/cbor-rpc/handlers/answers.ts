import type { Encodable } from '../../cbor/index.js';
import { ByteString, Float } from '../../cbor/index.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { NoSuchWorkSpecError } from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { SECOND } from '../../domain/time.js';
import { asciiMessage } from '../ascii-message.js';
import type { RpcResult } from '../results.js';
import { shown } from '../shown.js';

/** What most methods answer: a value and a message, null when there is nothing to say. */
export type Answer = readonly [value: Encodable, message: ByteString | null];

export function answer(value: Encodable): Answer {
  return [value, null];
}

/** An empty value and why it is empty. */
export function refusal(empty: Encodable, message: string): Answer {
  return [empty, asciiMessage(message)];
}

/** Bytes of a name of which messages show no more than the beginning. */
const LONG_NAME = 1_000;

/** Text between quotes, as messages show names. */
export function quoted(text: string): string {
  return `'${shown(text)}'`;
}

/** A byte name as messages show it: its UTF-8 text where it is some. */
export function quotedName(name: ByteName): string {
  const start = name.slice(0, LONG_NAME);
  return quoted(new ByteString(start).toText() ?? start);
}

/** Answers for a spec that is missing with an empty value and a message, where others would throw. */
export function orNoSuchSpec<R extends RpcResult>(empty: Encodable, act: () => Awaitable<R>): Awaitable<R | Answer> {
  try {
    const result = act();
    return result instanceof Promise ? result.catch((error: unknown) => noSuchSpec(empty, error)) : result;
  } catch (error) {
    return noSuchSpec(empty, error);
  }
}

function noSuchSpec(empty: Encodable, error: unknown): Answer {
  if (!(error instanceof NoSuchWorkSpecError)) throw error;
  return refusal(empty, `no such work_spec ${quoted(error.value ?? '')}`);
}

/** A spec's name, of the type that it has in the spec's dictionary. */
export function specName(name: string, isBytes: boolean): string | ByteString {
  return isBytes ? ByteString.ofText(name) : name;
}

/** A moment or span in seconds, always a float. */
export function seconds(micros: Micros): Float {
  return new Float(micros / SECOND);
}
