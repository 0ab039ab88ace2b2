/**
 * Splits a paragraph into text and code spans, alternating and starting with text; undefined when GitHub might
 * read it in another way. Certain means: every backtick belongs to a span that opens and closes on one line, and
 * nothing that binds tighter than a span (a link's address or label, a footnote's name, a bare URL, mathematics,
 * the `|` of a table) can swallow one of them.
 */
export function codeSpans(paragraph: string): readonly string[] | undefined {
  const parts: string[] = []
  let end = 0
  for (let at = paragraph.indexOf('`'); at !== -1; at = paragraph.indexOf('`', end)) {
    const text = paragraph.slice(end, at)
    const span = spanAt(paragraph, at)
    if (span === undefined || mayReachInto(text)) return undefined
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

/** Whether something that begins in the text before a span could extend into it. */
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
