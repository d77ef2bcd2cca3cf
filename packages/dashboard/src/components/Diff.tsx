import { diffLines } from 'diff';
import { shownText } from '../names.js';

/** So many lines that are the same are shown around what differs. */
const AROUND = 3;

/** What becomes of a text, line by line. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  const parts = diffLines(shownText(before), shownText(after));
  return (
    <pre className="diff" tabIndex={0} aria-label="What changes">
      {parts.map(({ value, added, removed }, at) => {
        const lines = value.replace(/\n$/, '').split('\n');
        if (added || removed) {
          return lines.map((line, i) => (
            <span key={`${at} ${i}`} className={added ? 'diff-added' : 'diff-removed'}>
              <span className="sr-only">{added ? 'added: ' : 'removed: '}</span>
              <span aria-hidden="true">{added ? '+ ' : '- '}</span>
              {line}
              {'\n'}
            </span>
          ));
        }
        const first = at === 0 ? [] : lines.slice(0, AROUND);
        const last = at === parts.length - 1 ? [] : lines.slice(Math.max(first.length, lines.length - AROUND));
        const left = lines.length - first.length - last.length;
        return (
          <span key={at} className="muted">
            {first.map((line) => `  ${line}\n`)}
            {left > 0 && `  ⋯ ${left} the same\n`}
            {last.map((line) => `  ${line}\n`)}
          </span>
        );
      })}
    </pre>
  );
}
