import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { browserBundle } from '../../support/browser-bundle.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { outcomesOf } from './browser.js';

const PAGE = readFileSync(join(import.meta.dirname, 'client-page.html'), 'utf8');

it('a page of -cors-origin takes units through their lives by the client', async () => {
  const script = await browserBundle();
  let daemon: RunningDaemon | undefined;
  try {
    const page = (): string =>
      PAGE.replaceAll('DAEMON', `http://127.0.0.1:${daemon!.httpPort}`).replace(
        '<script src="/client.js"></script>',
        // No replacement pattern of what it says.
        () => `<script>${script.replaceAll('</script', '<\\/script')}</script>`,
      );
    const outcomes = await outcomesOf(page, {
      onListening: async (port) => {
        daemon = await startDaemon(['-cborrpc', 'off', '-cors-origin', `http://127.0.0.1:${port}`]);
      },
    });
    expect(outcomes).toEqual([
      ...['a/b', String(2n ** 60n), [255, 0], [1, 'é'], [255]],
      ...['failed', 'a/b finished', 'NoSuchWorkSpecError t', true, 'enough'],
    ]);
  } finally {
    await daemon?.stop();
  }
});
