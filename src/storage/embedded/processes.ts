import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The PostgreSQL servers that run on some data, whoever started them: told by their command lines. */
export function serversOf(data: string): number[] {
  return commandLines()
    .filter(({ words }) => isServerOf(words, data))
    .map(({ pid }) => pid);
}

function isServerOf(words: readonly string[], data: string): boolean {
  return basename(words[0] ?? '').startsWith('postgres') && words[words.indexOf('-D') + 1] === data;
}

function commandLines(): { pid: number; words: string[] }[] {
  if (existsSync('/proc/self/cmdline')) {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), words: readCommandLine(name).split('\0') }));
  }
  if (process.platform === 'win32') return [];
  const listed = execFileSync('/bin/ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' });
  return listed
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+) -D (.*?) -c /.exec(line))
    .flatMap((match) => (match ? [{ pid: Number(match[1]), words: [match[2], '-D', match[3]] }] : []));
}

function readCommandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // The process has just ended.
    return '';
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
