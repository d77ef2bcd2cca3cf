import type { ReactNode } from 'react';
import { CST, Lexer } from 'yaml';
import { shownText } from '../names.js';

/** What the parts of YAML look like. */
const LOOKS: Readonly<Record<string, string>> = {
  comment: 'yaml-comment',
  tag: 'yaml-tag',
  anchor: 'yaml-tag',
  alias: 'yaml-tag',
  'double-quoted-scalar': 'yaml-text',
  'single-quoted-scalar': 'yaml-text',
  'map-value-ind': 'yaml-mark',
  'seq-item-ind': 'yaml-mark',
};

/** YAML with its keys and values told apart. */
export function Yaml({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <pre className="yaml" tabIndex={0} aria-label={label}>
      <code>{highlighted(text)}</code>
    </pre>
  );
}

function highlighted(text: string): ReactNode[] {
  // The lexer says by marks of its own that a plain scalar comes next.
  const tokens = [...new Lexer().lex(text)].map((source) => ({ source, type: CST.tokenType(source) }));
  return tokens.flatMap<ReactNode>(({ source, type }, at) => {
    if (source === CST.SCALAR || source === CST.DOCUMENT || source === CST.FLOW_END || source === CST.BOM) return [];
    const isScalar = tokens[at - 1]?.source === CST.SCALAR;
    const next = tokens.slice(at + 1).find(({ type: one }) => one !== 'space');
    const isKey = (isScalar || type?.endsWith('quoted-scalar') === true) && next?.type === 'map-value-ind';
    const look = isKey ? 'yaml-key' : isScalar ? lookOf(source) : LOOKS[type ?? ''];
    return look === undefined
      ? [shownText(source)]
      : [
          <span key={at} className={look}>
            {shownText(source)}
          </span>,
        ];
  });
}

function lookOf(scalar: string): string | undefined {
  if (/^(true|false|null|~)$/i.test(scalar)) return 'yaml-word';
  return /^[-+]?[.\d][\d_.eE+-]*$/.test(scalar) ? 'yaml-number' : undefined;
}
