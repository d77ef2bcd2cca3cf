/** In words so long three letters may be wrong, in shorter ones a single one. */
const LONG_WORD = 9;

/**
 * The known word that a mistyped one probably stands for, if any: the same but for capitals and separators
 * (`maxRunning`), or a few letters away (`priorty`, `max_retry`).
 */
export function nearMiss(word: string, known: readonly string[]): string | undefined {
  const folded = fold(word);
  let nearest: string | undefined;
  let least = word.length < LONG_WORD ? 1 : 3;
  for (const candidate of known) {
    const distance = editDistance(folded, fold(candidate), least);
    if (distance > least || (distance === least && nearest !== undefined)) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}

/**
 * How many letters must be put in, taken out, exchanged or swapped with their neighbour to make one word of the other.
 * Words whose lengths differ by more than `most` are not looked at: the answer is only known to be greater.
 */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const exchange = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(exchange, last[j] + 1, row[j - 1] + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
