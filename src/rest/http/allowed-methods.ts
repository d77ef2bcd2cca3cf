import type { FastifyInstance } from 'fastify';

/** Knows which methods each path has, for the Allow header of a 405. */
export class AllowedMethods {
  private readonly routes = new Map<string, { path: RegExp; methods: Set<string> }>();

  /** Listens for the routes that are added to the server from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      // Routes for every method (middleware) say nothing about a path.
      const methods = [method].flat();
      if (url.includes('*') || methods.length > 3) return;
      const key = url.replace(/:\w+/g, ':').replace(/(.)\/$/, '$1');
      const route = this.routes.get(key) ?? { path: pathOf(key), methods: new Set<string>() };
      for (const one of methods) route.methods.add(one);
      this.routes.set(key, route);
    });
  }

  /** The methods of a path, sorted; none when there is no such path. */
  of(url: string): string[] {
    const path = url.split('?', 1)[0];
    const found = new Set<string>();
    for (const route of this.routes.values()) {
      if (route.path.test(path)) for (const method of route.methods) found.add(method);
    }
    return [...found].sort();
  }
}

function pathOf(url: string): RegExp {
  const source = url.split(':').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('[^/]+')}/?$`);
}
