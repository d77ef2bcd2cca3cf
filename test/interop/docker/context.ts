import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Copies what an engine would get to see as the build context: the files of the repository, without what only lies in this
 * checkout, and of those what .dockerignore lets through.
 */
export function copyContext(repository: string, to: string): void {
  const isIgnored = ignoredBy(readFileSync(join(repository, '.dockerignore'), 'utf8'));
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  for (const file of listing.split('\0')) {
    const source = join(repository, file);
    if (file === '' || isIgnored(file) || !existsSync(source)) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(source, join(to, file));
  }
}

/** Of the patterns that fit a path or a folder above it, the last one counts. */
function ignoredBy(text: string): (path: string) => boolean {
  const rules = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ ignores: !line.startsWith('!'), pattern: toRegExp(line.replace(/^!/, '')) }));
  return (path) => {
    const parts = path.split('/');
    const prefixes = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
    const last = rules.findLast(({ pattern }) => prefixes.some((prefix) => pattern.test(prefix)));
    return last?.ignores ?? false;
  };
}

function toRegExp(pattern: string): RegExp {
  if (!/^[\w.*/-]+$/.test(pattern) || pattern.includes('**'))
    throw new Error(`.dockerignore: not understood: ${pattern}`);
  const source = pattern
    .replace(/\/$/, '')
    .replaceAll('.', String.raw`\.`)
    .replaceAll('*', '[^/]*');
  return new RegExp(`^${source}$`);
}
