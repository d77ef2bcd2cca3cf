import { readPage } from '../docs/pages.js';

/** The plug-in of docs/plugins.md, in plain JavaScript. */
export const TALLY = readPage('docs/plugins.md').fences.find(({ language }) => language === 'js')!.text;

/** A plug-in of which nothing works. */
export const BROKEN = `
import { controllerOf, declare, definePlugin, PLUGIN_TAG, Route, rpc, RpcMethod } from 'coordinate-daemon/plugin';
class Broken {
  call() {
    throw new TypeError('all fingers are thumbs');
  }
  async show() {
    throw new TypeError('all fingers are thumbs');
  }
}
controllerOf(Broken, {
  methods: {
    call: RpcMethod(declare({ name: 'broken', needs: 'read', params: rpc.params({}) })),
    show: Route('GET', 'namespace/:namespace/broken', {
      id: 'broken', summary: 'Fail', needs: 'read', tag: PLUGIN_TAG, answer: 204,
    }),
  },
});
class BrokenModule {}
export default definePlugin({ name: 'broken', madeFor: '1.0', module: { module: BrokenModule, controllers: [Broken] } });
`;

/** One that wants what there is not, which only shows when it is put together. */
export const WANTING = `
import { controllerOf, definePlugin } from 'coordinate-daemon/plugin';
class Wanting {}
controllerOf(Wanting, { inject: [class Nowhere {}], methods: {} });
class WantingModule {}
export default definePlugin({ name: 'wanting', madeFor: '1.0', module: { module: WantingModule, controllers: [Wanting] } });
`;

/** One that logs what it hears of work, and throws now and then. */
export const OBSERVING = `
import { definePlugin, EventObserver, Logger } from 'coordinate-daemon/plugin';
class Ear extends EventObserver {
  observe(event) {
    new Logger('ear').log('heard ' + JSON.stringify(event));
    if (event.type === 'failing') throw new Error('too bad');
  }
}
class EarModule {}
export default definePlugin({ name: 'ear', madeFor: '1.0', module: { module: EarModule, providers: [Ear] }, observers: [Ear] });
`;

/** A backend that is the one in memory, and says when it is opened and closed. */
export const BACKEND = `
import { definePlugin, Logger, SystemClock } from 'coordinate-daemon/plugin';
import { memoryRepositories } from 'coordinate-daemon/memory';
const logger = new Logger('outside');
function open({ rest, observers }) {
  if (rest === 'broken') throw new Error('no such shelf');
  logger.log('opened with ' + rest);
  return { ...memoryRepositories(new SystemClock(), { observers }), close: () => logger.log('closed') };
}
export default definePlugin({ name: 'shelf', madeFor: '1.0', backends: { shelf: open } });
`;

/** One that knows callers by a badge: all that begin with a letter, and some that it does not get on with. */
export const KNOWING = `
import { CallerSource, definePlugin } from 'coordinate-daemon/plugin';
class Badges extends CallerSource {
  identify(shown) {
    const badge = shown.door === 'rest' ? shown.headers['x-badge'] : /^badge(?: (.*))?$/.exec(shown.token ?? '')?.slice(1)[0];
    if (shown.door === 'rpc' && shown.token === 'badge') return 'wrong';
    if (badge === undefined) return undefined;
    if (badge === 'throw') throw new Error('no glasses');
    if (badge === 'hang') return new Promise(() => {});
    return badge === '' ? 'wrong' : { name: badge, rights: { n: ['submit', 'admin'] } };
  }
}
class BadgeModule {}
export default definePlugin({
  name: 'badge', madeFor: '1.1', module: { module: BadgeModule, providers: [Badges] },
  callers: [{ source: Badges, rights: { n: ['submit'] } }],
});
`;
