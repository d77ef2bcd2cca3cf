import type { Row } from './row.js';
import { describeBar, figure, verdictOf } from './row.js';

const COLUMNS = ['what', 'measured', 'ratio', 'bar', '', 'p50 / p99 / p99.9 / max ms', 'CPU µs'] as const;

/** A Markdown table, aligned so that it reads well in a terminal too. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [[...COLUMNS], ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(3, ...cells.map((line) => line[column].length)));
  const lines = cells.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n') + '\n';
}

function cellsOf(row: Row): string[] {
  const { what, value, unit, ratio, bar, latency, cpu, note } = row;
  return [
    note === undefined ? what : `${what} (${note})`,
    `${figure(value)} ${unit}`,
    ratio ? `${figure(ratio.value)} × ${ratio.of}` : '',
    bar ? describeBar(bar) : '',
    verdictOf(row) ?? '',
    latency ? [latency.p50, latency.p99, latency.p999, latency.max].map(figure).join(' / ') : '',
    Object.entries(cpu ?? {})
      .map(([name, micros]) => `${name} ${figure(micros)}`)
      .join(', '),
  ];
}
