import { decode } from '../../cbor/decode.js';
import { encode } from '../../cbor/encode.js';
import { RawCbor } from '../../cbor/values.js';
import type { Data } from '../../data/forms.js';
import type { Duration } from '../../duration.js';
import type { Name } from '../../names.js';
import { Fail, Retry } from '../handler.js';
import { tracebackOf } from '../traceback.js';

/** Data as CBOR, since the messages between processes know none of the classes that data may have in them. */
export interface SentData {
  readonly bytes: Uint8Array;
  readonly isRaw: boolean;
}

/** Something that was thrown. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  /** With what caused it. */
  readonly stack: string;
  /** That it is a `Fail`, and whether the last one. */
  readonly final?: boolean;
  /** That it is a `Retry`. */
  readonly retry?: { readonly delay: Duration; readonly data?: SentData };
}

export type ToChild =
  | { readonly spec: string; readonly name: Name; readonly data: SentData }
  | { readonly abort: SentError }
  | { readonly renewed: number; readonly error?: SentError };

export interface RemoteSpec {
  readonly spec: string;
  readonly timeout?: Duration;
}

export type FromChild =
  | { readonly ready: readonly RemoteSpec[] }
  | { readonly unready: SentError }
  /** Memory is in bytes: what the process has, or the heap of the thread. */
  | { readonly returned?: SentData; readonly memory: number }
  | { readonly thrown: SentError; readonly memory: number }
  | { readonly renew: number; readonly data?: SentData }
  | { readonly log: 'debug' | 'info' | 'warn' | 'error'; readonly fields: object; readonly message?: string };

/** @throws EncodeError, TypeError for what CBOR cannot say */
export function sentData(data: unknown): SentData {
  if (data instanceof RawCbor) return { bytes: data.bytes, isRaw: true };
  return { bytes: encode(data), isRaw: false };
}

export function receivedData({ bytes, isRaw }: SentData): unknown {
  return isRaw ? new RawCbor(bytes) : decode(bytes);
}

export function sentError(thrown: unknown): SentError {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const stack = tracebackOf(thrown);
  if (thrown instanceof Fail) return { ...sentError(thrown.cause ?? new Error(message)), final: thrown.final };
  if (!(thrown instanceof Retry)) return { name, message, stack };
  const { delay, data } = thrown;
  return { name, message, stack, retry: { delay, data: data === undefined ? undefined : sentData(data) } };
}

export function receivedError({ name, message, stack, retry, final }: SentError): Error {
  if (final !== undefined) return new Fail({ message, final, cause: receivedError({ name, message, stack }) });
  if (retry) {
    const data = retry.data && (receivedData(retry.data) as Data | RawCbor);
    return new Retry({ delay: retry.delay, data });
  }
  const error = new Error(message);
  return Object.defineProperties(error, { name: { value: name }, stack: { value: stack } });
}
