import { cutText } from '../cut-text.ts'
import { forCode } from '../hidden-characters.ts'
import { withoutCommand, withoutCommandWords } from './outbound-commands.ts'
import { ownWords, type SafeMarkdown } from './safe-markdown.ts'

/**
 * Puts any text into a code fence that the text cannot close. Hidden characters are shown as `\u{202e}`. A diff keeps
 * every word, because people apply it.
 */
export function fenced(text: string, language = ''): SafeMarkdown {
  const plain = withoutLastNewlines(forCode(text))
  const marker = '`'.repeat(Math.max(3, longestRun(plain) + 1))
  const inert = language === 'diff' ? plain : withoutCommandWords(plain, true)
  const lines = inert.split('\n').map(withoutCommand).join('\n')
  return ownWords(`${marker}${language}\n${lines}\n${marker}`)
}

/** Shows one line of any text as a code span in a table. There a `|` would end the cell, so it is shown as `│`. */
export function codeSpan(text: string, maxChars = 120): SafeMarkdown {
  return inlineCode(text.replaceAll('|', '\u2502'), maxChars)
}

/**
 * Shows a command as a code span in a table. A long one is cut in its middle, and its lines are shown as one: what it ends
 * with, such as `|| true`, decides what its exit code says.
 */
export function commandSpan(command: string, maxChars = 120): SafeMarkdown {
  const line = forCode(command)
    .trim()
    .replaceAll(/[\r\n]+/g, ' ⏎ ')
  const end = Math.floor(maxChars / 3)
  return codeSpan(
    line.length <= maxChars ? line : `${cutText(line, maxChars - end)}${line.slice(-end).toWellFormed()}`,
    maxChars,
  )
}

/** Shows the first line of any text as a code span in prose or a list. `…` takes the place of further lines. */
export function inlineCode(text: string, maxChars = 200): SafeMarkdown {
  const [first = '', ...rest] = forCode(text).trim().split('\n')
  const line = first.replaceAll('\t', ' ').trim()
  const cut = line.length <= maxChars && rest.length > 0 ? `${line}…` : cutText(line, maxChars + 1)
  const marker = '`'.repeat(longestRun(cut) + 1)
  const pad = cut.startsWith('`') || cut.endsWith('`') ? ' ' : ''
  return ownWords(`${marker}${pad}${withoutCommandWords(cut, true) || ' '}${pad}${marker}`)
}

function longestRun(text: string): number {
  let longest = 0
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}

function withoutLastNewlines(text: string): string {
  let end = text.length
  while (text[end - 1] === '\n') end--
  return text.slice(0, end)
}
