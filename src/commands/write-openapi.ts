import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { writeFileSync } from 'node:fs';
import { AppModule } from '../app.module.js';
import { loadConfig } from '../config/load.js';
import { openApiDocument } from '../rest/openapi/document.js';
import { HttpServer } from '../bootstrap/http-server.js';

/** `npm run openapi`: writes the OpenAPI document into the file that the command line names. Nothing listens. */
const [path = 'openapi.json'] = process.argv.slice(2);
const loaded = loadConfig(['-backend', 'memory', '-cborrpc', 'off']);
if (loaded.action !== 'start') throw new Error('no configuration');
const { config } = loaded;
const app = await NestFactory.create<NestFastifyApplication>(
  AppModule.forRoot(config),
  new HttpServer(config).adapter,
  { logger: false, abortOnError: false },
);
writeFileSync(path, `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
await app.close();
