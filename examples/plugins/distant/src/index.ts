import { definePlugin, SystemClock } from 'coordinate-daemon/plugin';
import { memoryRepositories } from 'coordinate-daemon/memory';
import { distant } from './distant.js';

/** `-backend distant:20`: in memory, and 20 ms away, to see what programs make of a storage that takes its time. */
export default definePlugin({
  name: 'distant',
  madeFor: '1.0',
  backends: {
    distant: ({ rest, observers }) => {
      if (!/^\d{1,5}$/.test(rest)) throw new Error('say how far it is, in milliseconds: -backend distant:20');
      return distant(memoryRepositories(new SystemClock(), { observers }), Number(rest));
    },
  },
});
