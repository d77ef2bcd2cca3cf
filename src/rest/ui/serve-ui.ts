import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fileURLToPath } from 'node:url';
import { OPEN } from '../../access/need.js';
import type { UiMode } from '../../config/config.js';
import { negotiate } from '../http/negotiation.js';
import { queryOf } from '../http/path.js';
import { textOfBytes } from '../names.js';
import { type UiFile, uiFilesIn } from './ui-files.js';
import { type DaemonFacts, viewerOf } from './viewer.js';

/** Where the build puts the page. */
const FOLDER = fileURLToPath(new URL('../../ui', import.meta.url));

/** What the page may do: run, show and ask what is here. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

const NOT_BUILT =
  'The dashboard has not been built: npm run build:ui builds it, npm start does so before it starts the daemon.\n';

export interface UiOptions extends DaemonFacts {
  readonly ui: UiMode;
  /** Where the built page lies, in place of where the build puts it. */
  readonly folder?: string;
}

/** Serves the dashboard at /ui/, and sends browsers there that come to /. Called before the app listens. */
export function serveUi(app: NestFastifyApplication, { folder = FOLDER, ...options }: UiOptions): void {
  if (options.ui === 'off') return;
  const fastify = app.getHttpAdapter().getInstance();
  const files = uiFilesIn(folder);
  sendBrowsersTo(fastify);
  const config: FastifyContextConfig = { needs: OPEN };
  fastify.get('/ui/viewer', { config }, (request, reply) => {
    const asked = queryOf(request).one('namespace');
    const namespace = asked === undefined ? undefined : textOfBytes(asked);
    const viewer = viewerOf(request.caller!, options, namespace);
    return reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(viewer));
  });
  const serve = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = (request.params as Record<string, string>)['*'] ?? '';
    const index = files.get('index.html');
    if (index === undefined) return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
    const file = files.get(path);
    if (file !== undefined && file !== index) return sendFile(request, reply, file);
    // Of a version that is no longer there: the page begins anew when it hears so.
    if (path.startsWith('assets/')) return reply.code(404).type('text/plain; charset=utf-8').send('gone\n');
    return sendIndex(request, reply, index);
  };
  fastify.get('/ui', { config }, serve);
  fastify.get('/ui/*', { config }, serve);
}

/** Programs get the root document, as ever; browsers, which name HTML, the page. It costs nobody else anything. */
function sendBrowsersTo(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (route.url !== '/' || ![route.method].flat().includes('GET')) return;
    // What the answer is is decided here, after the redirection.
    route.config = { ...route.config!, answers: 'application/json' };
    route.onRequest = (request, reply, done) => {
      try {
        const { accept } = request.raw.headers;
        if (accept !== undefined && /\btext\/html\b/i.test(accept)) {
          void reply.header('vary', 'accept').redirect(`${request.basePath}/ui/`, 302);
          return;
        }
        request.answerType = negotiate(accept);
        done();
      } catch (error) {
        done(error as Error);
      }
    };
  });
}

function sendFile({ headers }: FastifyRequest, reply: FastifyReply, file: UiFile): FastifyReply {
  reply.headers({
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (headers['if-none-match'] === file.etag) return reply.code(304).send();
  const { content, encoding } = file.for(headers['accept-encoding']);
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.type).send(content);
}

/** Whatever the path is: the page finds out itself what it is to show. Its links begin where it says its base is. */
function sendIndex({ basePath }: FastifyRequest, reply: FastifyReply, index: UiFile): FastifyReply {
  const base = `${basePath}/ui/`.replace(/[&"<>]/g, (char) => `&#${char.charCodeAt(0)};`);
  const page = index.content.toString().replace('<base href="/ui/"', `<base href="${base}"`);
  return reply.headers({ 'content-security-policy': POLICY, 'cache-control': 'no-cache' }).type(index.type).send(page);
}
