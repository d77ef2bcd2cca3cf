import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { compact, whole } from '../format/numbers.js';
import type { Zone } from '../format/times.js';
import { clock, exact, useZone } from '../format/times.js';
import { useTheme } from './theme.js';

export interface Series {
  readonly title: string;
  /** A custom property of the style sheet: `--finished`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

interface Props {
  /** What it shows, for whoever does not see it. */
  readonly label: string;
  /** Moments, in seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly height?: number;
  /** How numbers are written. */
  readonly format?: (value: number) => string;
}

/** Clock times, with the day where there is more than one of them. */
function marksOf(marks: readonly number[], zone: Zone): string[] {
  const days = marks.at(-1)! - marks[0] > 86_400;
  return marks.map((mark) => clock(new Date(mark * 1e3), zone, days));
}

/** Lines over time: numbers where the pointer is, drag to look closer, double-click to look at all of it again. */
export function Chart({ label, times, series, height = 180, format = whole }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const zone = useZone();
  const theme = useTheme();
  const shape = series.map(({ title, colour }) => `${title} ${colour}`).join('\n');
  const data = [times, ...series.map(({ values }) => values)] as unknown as uPlot.AlignedData;
  const latest = useRef(data);
  latest.current = data;

  useEffect(() => {
    const element = place.current!;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis: uPlot.Axis = {
      stroke: colour('--muted'),
      font: `11px ${style.getPropertyValue('font-family') || 'sans-serif'}`,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const made = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height,
        tzDate: (seconds) =>
          zone === 'utc' ? uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC') : new Date(seconds * 1e3),
        cursor: { drag: { x: true, y: false, setScale: true }, points: { size: 6 } },
        legend: { live: true },
        scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.08)] } },
        axes: [
          { ...axis, space: 70, size: 28, values: (_, marks) => marksOf(marks, zone) },
          { ...axis, size: 48, values: (_, marks) => marks.map((mark) => compact(mark)) },
        ],
        series: [
          { label: 'Time', value: (_, at) => (at === null ? '' : exact(new Date(at * 1e3), zone).slice(0, 16)) },
          ...series.map(({ title, colour: name }) => ({
            label: title,
            stroke: colour(name),
            fill: `color-mix(in srgb, ${colour(name)} 10%, transparent)`,
            width: 1.5,
            points: { show: false },
            value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
      },
      latest.current,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(([{ contentRect }]) => {
      made.setSize({ width: Math.max(200, contentRect.width), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
    // What the lines show goes in below, without making the picture anew.
  }, [shape, zone, theme, height, format]);

  useEffect(() => {
    const made = plot.current;
    if (made === undefined) return;
    const { min, max } = made.scales.x;
    const before = made.data[0];
    // Who looks closely goes on doing so.
    const isClose = typeof min === 'number' && typeof max === 'number' && (min > before[0] || max < before.at(-1)!);
    made.setData(latest.current, !isClose);
    if (isClose) made.redraw();
  }, [times, series]);

  return <div className="chart" ref={place} role="img" aria-label={label} />;
}
