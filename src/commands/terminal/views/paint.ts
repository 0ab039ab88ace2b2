import { styleText } from 'node:util'
import { codeSpanParts } from '../../../text/markdown/code-spans.ts'
import { forTerminal } from '../../../text/terminal-text.ts'

type Style = Parameters<typeof styleText>[0]
/** Colours text; returns it unchanged when the output is not a terminal. */
export type Paint = (style: Style, text: string) => string

/** Follows NO_COLOR, FORCE_COLOR and whether the stream is a terminal. */
export function createPaint(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream, validateStream: true })
}

/** Colours a line of a diff as git does: `+` green, `-` red, headers bold. */
export function paintDiff(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => paintDiffLine(line, paint))
    .join('\n')
}

function paintDiffLine(line: string, paint: Paint): string {
  if (/^(diff |index |--- |\+\+\+ |new file|deleted file|rename |similarity )/.test(line)) {
    return paint('bold', line)
  }
  if (line.startsWith('@@')) return paint('cyan', line)
  if (line.startsWith('+')) return paint('green', line)
  if (line.startsWith('-')) return paint('red', line)
  return line
}

/** Formats Markdown for a terminal: headings bold, code in colour, task boxes drawn. Without colours, code is between backticks. */
export function paintMarkdown(markdown: string, paint: Paint): string {
  return markdown
    .split('\n')
    .map((line) => paintLine(line, paint))
    .join('\n')
}

function paintLine(line: string, paint: Paint): string {
  const heading = /^#{1,6} (.*)$/.exec(line)?.[1]
  if (heading !== undefined) return paint('bold', heading)
  const listed = line
    .replace(/^(\s*)- \[ \] /, '$1☐ ')
    .replace(/^(\s*)- \[x\] /i, '$1☑ ')
    .replace(/^(\s*)- /, '$1• ')
  return paintInline(listed, paint)
}

/** Formats one line of Markdown: code in colour, or in single backticks without colours; bold text bold. */
export function paintInline(line: string, paint: Paint): string {
  return codeSpanParts(line)
    .map(({ isCode, text }) => (isCode ? paintCode(text, paint) : paintBold(text, paint)))
    .join('')
}

function paintCode(code: string, paint: Paint): string {
  const painted = paint('cyan', code)
  if (painted !== code) return painted
  return code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``
}

function paintBold(text: string, paint: Paint): string {
  return text.replace(/\*\*(?=\S)([^*]+)\*\*/g, (_, bold: string) => paint('bold', bold))
}

/** Starts of lines with which test runners, compilers and linters name a failure. */
const FAILURE =
  /^\s*(?:not ok\b|[✖✗✕×❌]|FAIL(?:ED|URE)?\b|--- FAIL|E {2,}|error\b|fatal\b|panic\b|Traceback\b|Expected values\b|[\w.]*(?:Error|Exception)\b|(?:expected|actual|received|left|right)\b\s*[:=])|:\d+(?::\d+)?:? (?:- )?error\b|\b[1-9]\d* (?:failed|failing|errors?|failures?)\b/i
/** Lines with the totals of a command that succeeded. */
const TOTALS =
  /^\s*(?:[#ℹ] (?:pass|fail) \d+|ok\b|PASS\b|Tests?\b.*\d|.*\b\d+ (?:passed|passing|tests?|specs?|examples?)\b)/i
/** Lines of test reporters that do not help a reader. */
const CHATTER =
  /^\s*(?:$|[#ℹ] (?:suites|cancelled|skipped|todo|duration_ms|tests) |duration_ms\b|failureType\b|(?:---|\.\.\.|error: \|-?)$|TAP version|> |npm (?:warn|notice|error))/i

/**
 * The few lines of a command's output that say how it went: the failures if it failed, the totals if it succeeded, or
 * the last lines if neither is found. They keep their order, and no line is repeated.
 */
export function tellingLines(
  output: string,
  { failed, most }: { readonly failed: boolean; readonly most: number },
): readonly string[] {
  const lines = output.split('\n').filter((line) => !CHATTER.test(line))
  const telling = lines.filter((line) => (failed ? FAILURE : TOTALS).test(line))
  // Runners repeat their failures in a summary.
  const once = [...new Map(telling.map((line) => [line.trim(), line])).values()]
  if (once.length === 0) return lines.slice(-most)
  return failed ? once.slice(0, most) : once.slice(-Math.min(most, 2))
}

/** Makes untrusted text safe to print: it can neither control the terminal nor look like lines of this command. */
export function oneLine(text: string): string {
  return forTerminal(text).replace(/\s+/g, ' ')
}
