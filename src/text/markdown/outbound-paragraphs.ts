import { withoutCommandWords } from './outbound-commands.ts'
import { type OutboundOptions, withoutMarkup } from './outbound-inline.ts'

/** Each code span is read on its own, which costs more than its length, so further spans are treated as text. */
const MOST_SPANS = 1000

/**
 * Returns a function that makes paragraphs safe. Code spans stay unchanged if there is only one way to read the
 * paragraph. Otherwise they are treated as text, which only adds invisible characters to the code. Paragraphs without
 * code are read together.
 */
export function createSafeText(options: OutboundOptions): (text: string) => string {
  let spans = 0
  return (text) => {
    const out: string[] = []
    let plain = ''
    for (const [index, part] of text.split(/(\n[ \t]*\n)/).entries()) {
      const pieces = index % 2 === 0 && spans < MOST_SPANS ? codeSpans(part, MOST_SPANS - spans) : undefined
      if (pieces === undefined || pieces.length === 1) {
        plain += part
        continue
      }
      spans += pieces.length
      out.push(withoutMarkup(plain, options))
      plain = ''
      for (const [at, piece] of pieces.entries())
        out.push(at % 2 === 0 ? withoutMarkup(piece, options) : withoutCommandWords(piece, true))
    }
    return [...out, withoutMarkup(plain, options)].join('')
  }
}

/**
 * Splits a paragraph into text and code spans, alternating and starting with text; undefined when GitHub might read it
 * differently, or when there are too many spans. It is certain if every backtick belongs to a span that opens and
 * closes on one line, and nothing that binds tighter than a span (a link's address or label, a footnote's name, a bare
 * URL, mathematics, the `|` of a table) can swallow a backtick.
 */
function codeSpans(paragraph: string, most: number): readonly string[] | undefined {
  const parts: string[] = []
  const firstBracket = paragraph.indexOf('[')
  let end = 0
  for (let at = paragraph.indexOf('`'); at !== -1; at = paragraph.indexOf('`', end)) {
    const text = paragraph.slice(end, at)
    const span = spanAt(paragraph, at)
    if (span === undefined || mayReachInto(text) || parts.length >= most) return undefined
    // `[a ]: b` may define a link before anything is read as code.
    if (span.includes(']:') && firstBracket !== -1 && firstBracket < at) return undefined
    parts.push(text, span)
    end = at + span.length
  }
  const rest = paragraph.slice(end)
  if (parts.length > 0 && hasOpenLink(rest)) return undefined
  return [...parts, rest]
}

function spanAt(paragraph: string, at: number): string | undefined {
  const runs = /`+|\n/g
  runs.lastIndex = at
  const marker = runs.exec(paragraph)?.[0] ?? ''
  for (let run = runs.exec(paragraph); run !== null && run[0] !== '\n'; run = runs.exec(paragraph)) {
    if (run[0].length !== marker.length) continue
    const span = paragraph.slice(at, runs.lastIndex)
    return span.includes('|') ? undefined : span
  }
  return undefined
}

/** Whether something that begins in the text before a span could extend into the span. */
function mayReachInto(text: string): boolean {
  const lastWord = text.split(/\s/).at(-1) ?? ''
  return (
    /[:@]|&#?\w+;|<(?=[A-Za-z/!?])|www\.|[\\$]$/i.test(lastWord) ||
    text.split('$').length > 2 ||
    hasOpenLink(text)
  )
}

function hasOpenLink(text: string): boolean {
  return (
    /\]\((?![^\s<>()[\]"']*\))/.test(text) ||
    /\]\[(?![^[\]]*\])/.test(text) ||
    /\[\^(?![^[\]\n]*\])/.test(text)
  )
}
