import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Registry } from 'prom-client';
import { Tally } from '../../timing/tally.js';
import { ReadHistogram } from './read-histogram.js';

const MILLISECONDS = 1000;
/** Upper bounds, in seconds. */
const BOUNDS: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The requests that were answered alike: of one route, by one method, with one status. */
interface Series {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: Tally;
}

/** How long HTTP requests take, by route. A hook of Fastify's: an interceptor would cost far more. */
@Injectable()
export class HttpMetrics {
  /** Requests answered since the start. */
  requests = 0;
  private readonly all: Series[] = [];
  /** The same by route; a route has one method, or a few, and answers by few statuses. */
  private readonly byRoute = new Map<string, Series[]>();

  constructor(registry: Registry, { httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    registry.registerMetric(
      new ReadHistogram('coordinate_http_seconds', 'Seconds that HTTP requests took', BOUNDS, () =>
        this.all.map(({ method, route, status, seconds: { counts, sum } }) => {
          return { labels: { method, route, status: String(status) }, counts, sum };
        }),
      ),
    );
    const fastify = httpAdapter.getInstance();
    fastify.addHook('onResponse', (request, reply, done) => {
      this.requests++;
      // Paths that no route has would make a series each.
      const route = request.routeOptions.url ?? 'none';
      this.seriesOf(route, request.method, reply.statusCode).seconds.add(reply.elapsedTime / MILLISECONDS);
      done();
    });
  }

  private seriesOf(route: string, method: string, status: number): Series {
    let known = this.byRoute.get(route);
    if (known === undefined) this.byRoute.set(route, (known = []));
    for (const series of known) if (series.status === status && series.method === method) return series;
    const series = { method, route, status, seconds: new Tally(BOUNDS) };
    known.push(series);
    this.all.push(series);
    return series;
  }
}
