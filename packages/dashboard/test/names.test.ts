import { expect, it } from 'vitest';
import { shown, shownText } from '../src/names.js';

it('what can not be seen, or turns the line around, is spelt out in names and in text', () => {
  expect(shown('a\u202eb\u200b\n')).toBe('a\\u{202e}b\\u{200b}\\u{a}');
  expect(shownText('key: a\u202eb\n\tnext\u0000\u2028')).toBe('key: a\\u{202e}b\n\tnext\\u{0}\\u{2028}');
  expect(shownText('<script>')).toBe('<script>');
});
