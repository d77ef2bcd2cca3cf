import { RawCbor } from '../cbor/values.js';
import type { Data } from '../data/forms.js';
import { nameKey } from '../names.js';
import type { UnitToAdd } from '../rest/adding.js';
import type { Middleware, UnitOfWork } from './handler.js';
import { Retry } from './handler.js';

/** Where the data of a unit say of which trace it is, as https://www.w3.org/TR/trace-context has it. */
export const TRACEPARENT = '_traceparent';

interface Span {
  setAttribute(key: string, value: string): unknown;
  recordException(error: Error): void;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
}

interface SpanOptions {
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is used here of the package `@opentelemetry/api`, which is not always there. */
interface OpenTelemetry {
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options: SpanOptions, context: object): Span };
    setSpan(context: object, span: Span): object;
  };
  readonly context: { active(): object; with<T>(context: object, call: () => T): T };
  readonly propagation: {
    inject(context: object, carrier: Record<string, string>): void;
    extract(context: object, carrier: Readonly<Record<string, string>>): object;
  };
  readonly SpanKind: { readonly CONSUMER: number };
  readonly SpanStatusCode: { readonly ERROR: number };
}

/** An optional peer, which compilers and bundlers are not to look for. */
const API: string = '@opentelemetry/api';

/** @returns undefined where it is not installed */
async function openTelemetry(): Promise<OpenTelemetry | undefined> {
  try {
    return (await import(API)) as OpenTelemetry;
  } catch {
    return undefined;
  }
}

/** A span for each attempt, within which its handler is called, where `@opentelemetry/api` is installed. */
export async function tracing(): Promise<Middleware | undefined> {
  const api = await openTelemetry();
  if (!api) return undefined;
  const { trace, context, propagation, SpanKind, SpanStatusCode } = api;
  const tracer = trace.getTracer('coordinate-client');
  return (next) => async (unit, handlerContext) => {
    const traceparent = traceparentOf(unit);
    const active = context.active();
    const parent = traceparent === undefined ? active : propagation.extract(active, { traceparent });
    const attributes = {
      'messaging.system': 'coordinate',
      'messaging.operation.type': 'process',
      'messaging.destination.name': unit.spec,
      'messaging.message.id': nameKey(unit.name),
    };
    const span = tracer.startSpan(`process ${unit.spec}`, { kind: SpanKind.CONSUMER, attributes }, parent);
    try {
      return await context.with(trace.setSpan(parent, span), () => next(unit, handlerContext));
    } catch (error) {
      const thrown = error instanceof Error ? error : new Error(String(error));
      span.setAttribute('error.type', thrown.name);
      if (!(thrown instanceof Retry)) {
        span.recordException(thrown);
        span.setStatus({ code: SpanStatusCode.ERROR, message: thrown.message });
      }
      throw error;
    } finally {
      span.end();
    }
  };
}

/**
 * Units to add, whose data say of which trace they are: that in which they are added. The spans of their attempts are in it then.
 * Without `@opentelemetry/api`, or outside of a trace, they are as they were.
 */
export async function* traced(units: Iterable<UnitToAdd> | AsyncIterable<UnitToAdd>): AsyncGenerator<UnitToAdd> {
  const api = await openTelemetry();
  const carrier: { traceparent?: string } = {};
  api?.propagation.inject(api.context.active(), carrier);
  const { traceparent } = carrier;
  for await (const unit of units) yield traceparent === undefined ? unit : withTraceparent(unit, traceparent);
}

function withTraceparent(unit: UnitToAdd, traceparent: string): UnitToAdd {
  if (typeof unit === 'string' || unit instanceof Uint8Array)
    return { name: unit, data: { [TRACEPARENT]: traceparent } };
  const { data } = unit;
  // What is sent as it is has no place for it.
  if (data instanceof RawCbor) return unit;
  const more: Data =
    data instanceof Map
      ? new Map<unknown, unknown>([...(data as ReadonlyMap<unknown, unknown>), [TRACEPARENT, traceparent]])
      : { ...data, [TRACEPARENT]: traceparent };
  return { ...unit, data: more };
}

function traceparentOf({ data }: UnitOfWork): string | undefined {
  const given: unknown =
    (data as unknown) instanceof Map ? (data as unknown as Map<unknown, unknown>).get(TRACEPARENT) : data[TRACEPARENT];
  return typeof given === 'string' ? given : undefined;
}
