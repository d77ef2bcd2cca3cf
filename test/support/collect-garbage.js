// Preloaded into a daemon: collects all garbage whenever SIGUSR2 comes, so that its memory shows what it holds on to.
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect());
