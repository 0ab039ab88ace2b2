import { escaped, forCode } from './hidden-characters.ts'
import { ownWords, type SafeMarkdown } from './markdown/safe-markdown.ts'

/**
 * A path as it may be shown in Markdown or a log: in a code span, with a limited length, and with everything escaped
 * that is not plainly visible.
 */
export function showPath(path: string): SafeMarkdown {
  const unclear = /[\p{Cc}\p{Cs}\p{Cn}\p{Co}\p{Z}`\\|]/gu
  const plain = path.toWellFormed().replace(unclear, (char) => (char === ' ' ? char : escaped(char)))
  const escapedPath = forCode(plain)
  const shown =
    escapedPath.length > 200 ? `${escapedPath.slice(0, 100)}…${escapedPath.slice(-99)}` : escapedPath
  return ownWords(`\`${shown}\``)
}
