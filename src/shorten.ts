/** As much of what somebody sent as is repeated to them, or logged. @param most - in characters */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
