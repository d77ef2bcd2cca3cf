/**
 * extract.js PAGE FOLDER URL: the clients of docs/rest-clients.md, each section with a program in a folder of its own:
 * its commands, for the daemon at URL, and the program.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [page, folder, url] = process.argv.slice(2);
const CLIENTS = [
  { section: 'Python', language: 'python', file: 'worker.py' },
  { section: 'TypeScript', language: 'js', file: 'worker.mjs' },
  { section: 'Go', language: 'go', file: 'main.go' },
];
const sections = readFileSync(page, 'utf8').split(/^## /m);

for (const { section, language, file } of CLIENTS) {
  const text = sections.find((each) => each.startsWith(`${section}\n`));
  const block = (kind) => new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\`$`, 'm').exec(text)[1];
  const own = join(folder, section.toLowerCase());
  mkdirSync(own);
  writeFileSync(join(own, file), block(language));
  let commands = block('sh').replaceAll('http://127.0.0.1:5980', url);
  // As one program, which ends when it is told to.
  if (language === 'go') commands += 'go vet .\ngo build -o worker .\n';
  writeFileSync(join(own, 'setup.sh'), commands);
}
