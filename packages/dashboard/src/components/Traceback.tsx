import { useMemo } from 'react';
import { shown } from '../names.js';
import { Button } from './Button.js';
import { done, wentWrong } from './toasts.js';

interface Part {
  readonly isFrames: boolean;
  readonly lines: readonly string[];
}

/** Where in a program an error came from: what it says in full, the frames folded. */
export function Traceback({ text }: { readonly text: string }) {
  const parts = useMemo(() => partsOf(text), [text]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => done('Copied'),
      (error: unknown) => wentWrong('Copying', error),
    );
  };
  return (
    <div className="section">
      <div className="bar">
        <h3 className="muted">Why it failed</h3>
        <span className="spacer" />
        <Button onClick={copy}>Copy</Button>
      </div>
      <div className="traceback mono" tabIndex={0} role="group" aria-label="Traceback">
        {parts.map(({ isFrames, lines }, at) =>
          isFrames ? (
            <details key={at}>
              <summary>{lines.length} lines of frames</summary>
              <bdi>{lines.map(shown).join('\n')}</bdi>
            </details>
          ) : (
            <div key={at} className="telling">
              <bdi>{lines.map((line) => (line === '' ? '' : shown(line))).join('\n')}</bdi>
            </div>
          ),
        )}
      </div>
    </div>
  );
}

/** Python's frames are indented, and so are those of Node, Java and Go but for their names of functions. */
const FRAME = /^(\s+\S|Traceback |goroutine |\S+\(.*\)$)/;

function partsOf(text: string): Part[] {
  const parts: { isFrames: boolean; lines: string[] }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const isFrames = FRAME.test(line);
    const last = parts.at(-1);
    if (last?.isFrames === isFrames) last.lines.push(line);
    else parts.push({ isFrames, lines: [line] });
  }
  return parts;
}
