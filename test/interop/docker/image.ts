import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import type { Copy, Stage } from './dockerfile.js';

/** What a stage has come to: a folder in place of its file system, and what its instructions have set. */
export interface Image {
  /** The folder that stands for `/`. It holds what the steps put there, not the files of the base image. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface Builder {
  /** The folder with the build context. */
  readonly context: string;
  /** An empty folder for the stages. */
  readonly folder: string;
  /** The environment of each RUN, under what ENV sets. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Carries out the steps of all stages in order, as an engine without a cache would, in folders.
 * @returns what the last stage has come to
 * @throws Error when a step fails
 */
export function buildImage(stages: readonly Stage[], builder: Builder): Image {
  const built = new Map<string, Image>();
  stages.forEach((stage, index) => {
    const root = join(builder.folder, stage.name ?? String(index));
    const parent = built.get(stage.from);
    mkdirSync(root);
    if (parent !== undefined) cpSync(parent.root, root, { recursive: true, verbatimSymlinks: true });
    built.set(stage.name ?? '', buildStage(stage, { workdir: '/', env: {}, ...parent, root }, built, builder));
  });
  return built.get('')!;
}

function buildStage(stage: Stage, base: Image, built: ReadonlyMap<string, Image>, builder: Builder): Image {
  let image = base;
  for (const step of stage.steps) {
    switch (step.kind) {
      case 'workdir':
        image = { ...image, workdir: resolve(image.workdir, step.path) };
        mkdirSync(inside(image, '.'), { recursive: true });
        break;
      case 'env':
        image = { ...image, env: { ...image.env, ...step.variables } };
        break;
      case 'user':
        image = { ...image, user: step };
        break;
      case 'copy':
        copy(step, image, step.from === undefined ? builder.context : rootOf(step.from, built));
        break;
      case 'run':
        execFileSync('sh', ['-c', step.command], {
          cwd: inside(image, '.'),
          env: { ...builder.env, ...image.env },
          ...image.user,
          stdio: ['ignore', 'inherit', 'inherit'],
        });
    }
  }
  return image;
}

function rootOf(stage: string, built: ReadonlyMap<string, Image>): string {
  const image = built.get(stage);
  if (image === undefined) throw new Error(`COPY --from=${stage}: there is no such stage before it`);
  return image.root;
}

/** Where a path of the image lies. */
export function inside(image: Image, path: string): string {
  return join(image.root, isAbsolute(path) ? path : join(image.workdir, path));
}

/** A folder's content goes into the destination; so does a file, by its name, if the destination ends with a slash. */
function copy({ sources, destination }: Copy, image: Image, from: string): void {
  const into = destination.endsWith('/');
  if (sources.length > 1 && !into) throw new Error(`COPY of several files: ${destination} has to end with a slash`);
  for (const path of sources) {
    const source = join(from, path);
    if (!existsSync(source)) throw new Error(`COPY: there is no ${path}`);
    const isFile = statSync(source).isFile();
    const target = inside(image, isFile && into ? join(destination, basename(source)) : destination);
    cpSync(source, target, { recursive: true, verbatimSymlinks: true });
  }
}
