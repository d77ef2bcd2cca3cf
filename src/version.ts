import { createRequire } from 'node:module';

// package.json lies one folder up from src/ and from dist/ alike.
const manifest = createRequire(import.meta.url)('../package.json') as { version: string };

/** The daemon's own version. */
export const VERSION = manifest.version;
