import { cutText } from '../cut-text.ts'
import { forMarkdown } from '../hidden-characters.ts'
import { withoutStructure } from './outbound-blocks.ts'
import { withoutCommand, withoutCommandWords } from './outbound-commands.ts'
import { type OutboundOptions, withoutEffects } from './outbound-inline.ts'
import { createSafeText } from './outbound-paragraphs.ts'
import { ownWords, type RawText, type SafeMarkdown } from './safe-markdown.ts'

const SHORTENED = '\n\n_(shortened)_'
/** The most characters of another author that any of Backspace's texts shows. */
const MOST_CHARS = 40_000
/** Each fence is read on its own, which costs more than its length, so further fences are treated as text. */
const MOST_FENCES = 400
/** Languages of fences whose content GitHub draws instead of showing it. */
const DRAWN = /^(?:mermaid|geojson|topojson|stl|math)$/i

/**
 * Makes Markdown that a model or an outsider wrote safe to publish under Backspace's name: no mentions except the
 * requester, no closing keywords, no references to other repositories, no commands to other Apps, no raw HTML, no HTML
 * comments, no remote images, no invisible characters. Code stays, except for words that control bots. Headings become
 * bold, and tables lose their lines, since they could pass for Backspace's own.
 *
 * @param options.maxChars most characters of the result; a longer text is cut and says so.
 * @param options.keepTables true where a quotation around the text shows whose tables they are.
 */
export function outboundMarkdown(
  markdown: RawText,
  options: OutboundOptions & { readonly maxChars?: number; readonly keepTables?: boolean },
): SafeMarkdown {
  const max = options.maxChars ?? MOST_CHARS
  const clean = forMarkdown(markdown.slice(0, max * 2)).trim()
  // Every pass over a long text takes time, so text that is sure to be cut is not read as a whole first.
  const whole = markdown.length <= max * 2 && clean.length <= max ? canonical(clean, options) : undefined
  if (whole !== undefined && whole.length <= max) return ownWords(whole)
  const room = max - SHORTENED.length
  let length = Math.min(clean.length, room)
  while (length > 0) {
    const cut = canonical(clean.slice(0, length).trimEnd(), options)
    if (cut.length <= room) return ownWords(`${cut}${SHORTENED}`)
    // Escaping may make the text several times as long.
    length = Math.floor(length * Math.min(0.9, room / cut.length))
  }
  return ownWords(SHORTENED.trim())
}

/** Makes text safe as one line of Markdown, such as a list item. Spaces inside a line stay as they are. */
export function outboundItem(
  text: RawText,
  options: OutboundOptions & { readonly maxChars?: number },
): SafeMarkdown {
  return ownWords(withoutBlockStart(inlineOf(text, options)))
}

function inlineOf(
  text: RawText,
  { maxChars = 400, ...options }: OutboundOptions & { readonly maxChars?: number },
): string {
  const safe = outboundMarkdown(oneLineOf(text.slice(0, maxChars * 10 + 1000)), { ...options, maxChars })
  return oneLineOf(safe)
}

/** After Backspace's own `- `, a mark would begin a heading, a list, a quotation or a box to tick. */
function withoutBlockStart(line: string): string {
  return line
    .replace(/^\[([ xX])\](?=\s)/, (_, tick: string) => (tick === ' ' ? '☐' : '☑'))
    .replace(/^(?:>|[-+*#](?=[\s#]|$)|[-+*_=]+$)/, '\\$&')
    .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')
}

/**
 * Makes a line that repeats a title safe as one line of Markdown. GitHub draws only code in titles, so `__init__` and
 * `*args` keep their marks.
 */
export function outboundTitle(
  text: RawText,
  options: OutboundOptions & { readonly maxChars?: number },
): SafeMarkdown {
  const item = inlineOf(text, options)
  return ownWords(
    item.replace(/(`+)(?!`)[^`]+\1(?!`)|[*~]+|(?<!\w)_+|_+(?!\w)/g, (found) =>
      found.startsWith('`') ? found : found.replace(/./g, '\\$&'),
    ),
  )
}

/**
 * Removes the effects of one line of plain text, such as a title or the subject of a commit. The result is not
 * Markdown; for that, use `outboundItem` as well. A longer text ends in `…`.
 */
export function outboundLine(
  text: RawText,
  options: OutboundOptions & { readonly maxChars: number },
): string {
  // Text that is cut off anyway need not be read.
  const start = text.slice(0, options.maxChars * 10 + 1000)
  return cutText(withoutEffects(oneLineOf(forMarkdown(start)), options), options.maxChars)
}

/** A title or an item keeps the spaces that its author wrote, as in `slugify("a  b")`. */
function oneLineOf(text: string): string {
  return text
    .split(/[\n\r\u2028\u2029]/)
    .map((line) => line.replace(/\t/g, ' ').trim())
    .filter((line) => line !== '')
    .join(' ')
}

/**
 * Makes Markdown safe. Text stays unchanged only where GitHub is certain to see code, whatever surrounds it. Therefore
 * every fence is closed and moved to column 0, where no list or quotation contains it and nothing but its own closing
 * line ends it.
 */
function canonical(markdown: string, options: OutboundOptions & { readonly keepTables?: boolean }): string {
  const lines = markdown.split('\n').flatMap(splitListFence)
  const out: string[] = []
  const safeText = createSafeText(options)
  let text: string[] = []
  let fences = 0
  const flush = () => {
    if (text.length === 0) return
    // The order matters: a mark may be spelled as a character reference.
    const safe = safeText(text.join('\n')).split('\n')
    for (const line of withoutStructure(safe, options.keepTables === true)) out.push(line)
    text = []
  }
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const fence = openingFence(line)
    if (fence === undefined) {
      text.push(withoutQuotedFence(line))
      continue
    }
    if (++fences > MOST_FENCES) {
      text.push(withoutFence(line))
      continue
    }
    flush()
    const end = closingLine(lines, index + 1, fence.marker)
    const content = lines.slice(index + 1, end).map((inner) => dedent(inner, fence.indent))
    const inert = withoutCommandWords(content.join('\n'), true).split('\n').map(withoutCommand)
    out.push(`${fence.marker}${fence.info}`, inert.join('\n'), fence.marker)
    index = end
  }
  flush()
  return out.join('\n').trim()
}

interface Fence {
  readonly indent: number
  readonly marker: string
  readonly info: string
}

function openingFence(line: string): Fence | undefined {
  const match = /^([ \t]*)(`{3,}|~{3,})(.*)$/.exec(line)
  if (!match) return undefined
  const [, indent = '', marker = '', rest = ''] = match
  if (marker.startsWith('`') && rest.includes('`')) return undefined
  const word = /^[\w+#.-]{1,20}/.exec(rest.trim())?.[0] ?? ''
  return { indent: indent.length, marker, info: DRAWN.test(word) ? 'text' : word }
}

/** Index of the line that closes the fence; the number of lines if none does. */
function closingLine(lines: readonly string[], from: number, marker: string): number {
  for (let index = from; index < lines.length; index++) {
    const match = /^[ \t]*(`{3,}|~{3,})[ \t]*$/.exec(lines[index] ?? '')
    if (match?.[1]?.startsWith(marker)) return index
  }
  return lines.length
}

function dedent(line: string, indent: number): string {
  return line.slice(Math.min(indent, /^[ \t]*/.exec(line)?.[0].length ?? 0))
}

/** Splits `- ~~~js` into `-` and `~~~js`, so that the fence can move to column 0. */
function splitListFence(line: string): readonly string[] {
  const match = /^([ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+)(`{3,}[^`]*|~{3,}.*)$/.exec(line)
  if (!match) return [line]
  const [, marker = '', fence = ''] = match
  return [marker.trimEnd(), `${' '.repeat(marker.length)}${fence}`]
}

/**
 * Changes a fence after a quotation mark, or one that is not valid as a fence, so that no reader takes it for a fence.
 */
function withoutQuotedFence(line: string): string {
  return /^[ \t]*(?:(?:>|[-*+#]|&num;|&#x?0{0,5}[23][35];|\d{1,9}[.)]|\[\^[^\]]*\]:)[ \t]*)+(?:`{3,}|~{3,})/i.test(
    line,
  )
    ? withoutFence(line)
    : line
}

function withoutFence(line: string): string {
  return line.replace(/`{3,}|~{3,}/g, (run) => run.replace(/./g, '\\$&'))
}
