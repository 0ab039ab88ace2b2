import { wholeStart, withoutBrokenEnd } from '../text/cut-text.ts'
import type { AgentTask } from './agent.ts'

/** The prompt of a trigger that has no text of its own. */
const WORDLESS = /^Do what this (?:issue|pull request) asks for\b/

/** Code blocks, and the line that says where a review comment was written; neither makes a title. */
const CODE = /^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))|^\(Written on .*\)$/gm

/** A diff that was pasted outside of a code block, up to the end of the text. */
const PASTED_DIFF = /^(?:diff --git \S|From [0-9a-f]{40} |--- \S.*\n\+\+\+ \S)[\s\S]*/m

/**
 * The title for a run whose agent gave none: the start of the request, or the thread's title when the request says too
 * little ("do it").
 */
export function titleOf({ prompt, thread }: AgentTask): string {
  const asked = clipTitle(prompt.replaceAll(CODE, '').replace(PASTED_DIFF, ''))
  const title = clipTitle(thread?.title ?? '')
  const telling = asked.split(' ').length >= 4 && !WORDLESS.test(asked)
  return (telling ? asked : title || asked) || 'Requested change'
}

const MAX_CHARACTERS = 72

/**
 * The first line of a text, which may be Markdown, cut at a word to fit the title of a pull request. A line that is one
 * long word is not cut.
 */
export function clipTitle(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/^[\s>#*-]+/, '')
      .replaceAll('\t', ' ')
      .trim(),
  )
  const line = lines.find((candidate) => candidate !== '' && !/^[`~]{3}/.test(candidate)) ?? ''
  if (line.length <= MAX_CHARACTERS) return line
  const cut = wholeStart(line, MAX_CHARACTERS - 1)
  const space = cut.lastIndexOf(' ')
  const whole = space > MAX_CHARACTERS / 2 ? cut.slice(0, space) : withoutBrokenEnd(cut)
  // Half a secret cannot be recognised, so one long word stays whole until the caller has masked it.
  return whole.trim() === '' ? line : `${whole.trimEnd()}…`
}
