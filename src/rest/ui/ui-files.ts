import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/** What a file may be packed by, best first, and how such a file is called that the build has put beside it. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

/** A file as it is sent. */
interface Sent {
  readonly content: Buffer;
  /** Absent: as it is. */
  readonly encoding?: string;
}

/** A file of the page. */
export class UiFile {
  readonly type: string;
  /** Whether its name says what is in it, so that it never changes. */
  readonly isImmutable: boolean;
  private readonly read = new Map<string, Buffer>();
  private tagged: string | undefined;

  constructor(
    private readonly file: string,
    path: string,
  ) {
    this.type = TYPES[extname(path)] ?? 'application/octet-stream';
    this.isImmutable = path.startsWith('assets/');
  }

  get content(): Buffer {
    return this.contentOf(this.file);
  }

  get etag(): string {
    this.tagged ??= `"${createHash('sha256').update(this.content).digest('base64url').slice(0, 22)}"`;
    return this.tagged;
  }

  /** @param accepted the header Accept-Encoding */
  for(accepted = ''): Sent {
    const encodings = accepted
      .split(',')
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(';', 1)[0].trim());
    for (const [encoding, suffix] of PACKED) {
      const packed = this.file + suffix;
      if (encodings.includes(encoding) && (this.read.has(packed) || existsSync(packed))) {
        return { content: this.contentOf(packed), encoding };
      }
    }
    return { content: this.content };
  }

  /** Read when it is first asked for, and kept: all of them together are less than a megabyte. */
  private contentOf(file: string): Buffer {
    let content = this.read.get(file);
    if (content === undefined) this.read.set(file, (content = readFileSync(file)));
    return content;
  }
}

/** The files of a folder, by their paths in it. What is not among them at the start is never served, whatever a path says. */
export function uiFilesIn(folder: string): ReadonlyMap<string, UiFile> {
  if (!existsSync(join(folder, 'index.html'))) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !PACKED.some(([, suffix]) => entry.name.endsWith(suffix)))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => {
      const path = relative(folder, file).split(sep).join('/');
      return [path, new UiFile(file, path)];
    }),
  );
}
