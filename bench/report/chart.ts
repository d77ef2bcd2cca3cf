import type { Row } from './row.js';
import { describeBar, figure, verdictOf } from './row.js';

const WIDTH = 960;
const LABELS = 360;
const BAR_HEIGHT = 22;
const CURVE_HEIGHT = 320;
const COLORS = ['#1f5fa8', '#c2571a', '#2f7d4f', '#8a3b8f', '#8a6d1b', '#444444', '#b0305c', '#12808a'];
const FILL = { met: '#2f7d4f', near: '#c9931c', missed: '#b3372b', none: '#1f5fa8' };

/** A chart of a scenario as SVG: bars for its figures, and a curve for each latency below. */
export function chartOf(title: string, rows: readonly Row[]): string {
  const bars = barsOf(rows);
  const withLatency = rows.filter((row) => row.latency && row.latency.count > 100).slice(0, COLORS.length);
  const top = 50;
  const curvesTop = top + rows.length * (BAR_HEIGHT + 8) + 30;
  const curves = withLatency.length > 0 ? curvesOf(withLatency) : '';
  const height = curvesTop + (curves === '' ? 0 : CURVE_HEIGHT + 60 + withLatency.length * 16);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ` +
    `font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#ffffff"/>\n` +
    text(16, 28, title, 'font-size="17" font-weight="bold"') +
    `<g transform="translate(0 ${top})">\n${bars}</g>\n<g transform="translate(0 ${curvesTop})">\n${curves}</g>\n</svg>\n`
  );
}

/** One bar per row; rows of one unit share a scale. */
function barsOf(rows: readonly Row[]): string {
  const largest = new Map<string, number>();
  for (const { unit, value } of rows) largest.set(unit, Math.max(largest.get(unit) ?? 0, value));
  const room = WIDTH - LABELS - 250;
  return rows
    .map((row, index) => {
      const y = index * (BAR_HEIGHT + 8);
      const width = Math.max(1, (row.value / (largest.get(row.unit) || 1)) * room);
      const ratio = row.ratio ? ` = ${figure(row.ratio.value)} × ${row.ratio.of}` : '';
      const bar = row.bar ? ` (${describeBar(row.bar)})` : '';
      return (
        text(LABELS - 8, y + 15, row.what, 'text-anchor="end"') +
        `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${FILL[verdictOf(row) ?? 'none']}"/>\n` +
        text(LABELS + width + 6, y + 15, `${figure(row.value)} ${row.unit}${ratio}${bar}`)
      );
    })
    .join('');
}

/** Latency by percentile: each step to the right halves what is slower still. Both axes are logarithmic. */
function curvesOf(rows: readonly Row[]): string {
  const left = 70;
  const width = WIDTH - left - 40;
  const all = rows.flatMap(({ latency }) => latency!.curve.map(([, ms]) => ms)).filter((ms) => ms > 0);
  const low = Math.floor(Math.log10(Math.min(...all)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...all))));
  const steps = Math.max(4, ...rows.map(({ latency }) => latency!.curve.length - 1));
  const x = (step: number) => left + (step / steps) * width;
  const y = (ms: number) => CURVE_HEIGHT - ((Math.log10(ms) - low) / (high - low)) * CURVE_HEIGHT;
  let svg = text(16, -8, 'latency in ms by percentile');
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power).toFixed(1);
    svg += `<line x1="${left}" x2="${left + width}" y1="${at}" y2="${at}" stroke="#dddddd"/>\n`;
    svg += text(left - 8, Number(at) + 4, figure(10 ** power), 'text-anchor="end"');
  }
  for (const [share, label] of [
    [0.5, '50%'],
    [0.9, '90%'],
    [0.99, '99%'],
    [0.999, '99.9%'],
    [0.9999, '99.99%'],
  ] as const) {
    const step = -Math.log2(1 - share);
    if (step > steps) continue;
    svg += `<line x1="${x(step)}" x2="${x(step)}" y1="0" y2="${CURVE_HEIGHT}" stroke="#eeeeee"/>\n`;
    svg += text(x(step), CURVE_HEIGHT + 16, label, 'text-anchor="middle"');
  }
  rows.forEach(({ what, latency }, index) => {
    const points = latency!.curve
      .filter(([, ms]) => ms > 0)
      .map(([, ms], step) => `${x(step).toFixed(1)},${y(ms).toFixed(1)}`);
    svg += `<polyline fill="none" stroke="${COLORS[index]}" stroke-width="2" points="${points.join(' ')}"/>\n`;
    const line = CURVE_HEIGHT + 40 + index * 16;
    svg += `<rect x="${left}" y="${line - 9}" width="18" height="8" fill="${COLORS[index]}"/>\n`;
    svg += text(
      left + 26,
      line,
      `${what}: p50 ${figure(latency!.p50)}, p99.9 ${figure(latency!.p999)}, max ${figure(latency!.max)} ms`,
    );
  });
  return svg;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped}</text>\n`;
}
