import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Clock } from '../../domain/time.js';
import { EventSource } from '../../live/events/rest/event-source.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import type { Plugins } from '../load-plugins.js';
import { messageOf, PluginError } from '../plugin-error.js';
import { ObserverQueue } from './observer-queue.js';
import type { EventObserver } from './work-event.js';
import { WorkWatch } from './work-watch.js';

/** What tells observers of work. */
export interface Observing {
  /** Nothing more is told. */
  end(): void;
}

/**
 * Has the observers of plug-ins hear what happens to work; where there are none, nobody looks.
 * @throws PluginError when a plug-in does not provide one that it names
 */
export async function observe({ loaded }: Plugins, app: INestApplicationContext): Promise<Observing | undefined> {
  const logger = new Logger('plug-ins');
  const queues = loaded.flatMap(({ source, plugin: { name, observers = [] } }) =>
    observers.map((Observer) => {
      const warn = (problem: string): void => logger.warn(`plug-in ${name}: its observer ${Observer.name} ${problem}`);
      try {
        return new ObserverQueue(app.get<EventObserver>(Observer, { strict: false }), warn);
      } catch (error) {
        throw new PluginError(source, `its module does not provide the observer ${Observer.name}`, messageOf(error));
      }
    }),
  );
  if (queues.length === 0) return undefined;
  const get = <T>(token: abstract new (...args: never[]) => T): T => app.get<T>(token, { strict: false });
  const watch = new WorkWatch(get(EventSource), get(NamespaceRepository), get(Clock), (event) => {
    for (const queue of queues) queue.add(event);
  });
  await watch.begin();
  return {
    end: () => {
      watch.end();
      for (const queue of queues) queue.end();
    },
  };
}
