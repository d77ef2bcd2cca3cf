import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPage, ROOT } from './pages.js';

/** Figures as the benchmark writes them: digits with their unit behind. */
const FIGURE = /\b\d[\d,.]* (?:RPC|requests|units|jobs)\/s|\b\d[\d,.]* (?:ms|bytes)\b/g;
const notebook = readPage('docs/performance-notebook.md').prose;

it('every figure of the table of docs/performance.md is one of the notebook', () => {
  const lines = readPage('docs/performance.md').prose.split('\n');
  const figures = lines.filter((line) => line.startsWith('|')).flatMap((line) => line.match(FIGURE) ?? []);
  expect(figures.length).toBeGreaterThan(5);
  expect(figures.filter((figure) => !notebook.includes(`| ${figure} `))).toEqual([]);
});

it('every figure of its chart is one of the notebook', () => {
  const chart = readFileSync(join(ROOT, 'docs/images/performance.svg'), 'utf8');
  const figures = [...chart.matchAll(/>([\d,]+) units\/s</g)].map(([, figure]) => figure);
  expect(figures.length).toBeGreaterThan(3);
  expect(figures.filter((figure) => !new RegExp(`\\| ${figure} (units|jobs)/s `).test(notebook))).toEqual([]);
});
