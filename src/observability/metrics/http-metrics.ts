import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Histogram, Registry } from 'prom-client';

const MILLISECONDS = 1000;

/** How long HTTP requests take, by route. A hook of Fastify's: an interceptor would cost far more. */
@Injectable()
export class HttpMetrics {
  /** Requests answered since the start. */
  requests = 0;

  constructor(registry: Registry, { httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    const seconds = new Histogram({
      name: 'coordinate_http_seconds',
      help: 'Seconds that HTTP requests took',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
    const fastify = httpAdapter.getInstance();
    fastify.addHook('onResponse', (request, reply, done) => {
      this.requests++;
      // Paths that no route has would make a series each.
      const route = request.routeOptions.url ?? 'none';
      const labels = { method: request.method, route, status: reply.statusCode };
      seconds.observe(labels, reply.elapsedTime / MILLISECONDS);
      done();
    });
  }
}
