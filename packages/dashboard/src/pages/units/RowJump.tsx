import { useState } from 'react';
import { whole } from '../../format/numbers.js';

/** Goes to a row by its number. */
export function RowJump({ total, onGo }: { readonly total: number; readonly onGo: (row: number) => void }) {
  const [text, setText] = useState('');
  return (
    <form
      className="row-jump"
      onSubmit={(event) => {
        event.preventDefault();
        const row = Number(text.replaceAll(',', ''));
        if (Number.isInteger(row) && row > 0) onGo(row - 1);
      }}
    >
      <label>
        <span className="muted">Row</span>{' '}
        <input
          inputMode="numeric"
          size={9}
          placeholder={whole(total)}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
    </form>
  );
}
