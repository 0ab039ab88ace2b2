/**
 * A path as it may be shown in Markdown or a log: in a code span, with everything that is not plainly visible
 * escaped, and bounded.
 */
export function showPath(path: string): string {
  const escaped = path
    .toWellFormed()
    .replace(/[\p{C}\p{Z}`\\|]/gu, (char) =>
      char === ' ' ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
    )
  const shown = escaped.length > 200 ? `${escaped.slice(0, 100)}…${escaped.slice(-99)}` : escaped
  return `\`${shown}\``
}
