/**
 * A line that will become a `ScannedLine`. `isText` is true until something is found that hides the line's beginning.
 */
export interface OpenLine {
  readonly start: number
  readonly text: string
  isText: boolean
}

/** Reads the parts that `scanMarkdown` has found to be text, block by block, in the order of the text. */
export interface InlineScan {
  /** The comments found so far, as offsets `[from, to)`. */
  readonly comments: readonly (readonly [number, number])[]
  /**
   * Marks the lines of a block that begin inside a code span, an HTML comment, or an element for code or a quotation.
   *
   * @param isHtml whether Markdown has no meaning in the block. A comment without an end then hides the rest of the
   * text.
   * @returns the end of the last comment; 0 without any.
   */
  scan(block: readonly OpenLine[], isHtml: boolean): number
  /**
   * Cuts every comment that begins between two offsets of raw HTML. A comment without an end reaches to the end of the
   * text.
   *
   * @returns the end of the last comment; 0 without any.
   */
  cutComments(from: number, to: number): number
  /**
   * Cuts what browsers take for a comment although it is none, such as `<?…>` and `<!X…>`.
   *
   * @returns its end.
   */
  cutBogus(from: number): number
}

export function scanInline(text: string): InlineScan {
  const comments: [number, number][] = []
  const lower = text.includes('</') ? text.toLowerCase() : ''
  const lastClosing = new Map<string, number>()
  const depths = new Map<string, number>()
  const commentEnd = /--!?>/g
  let knownEnd = 0
  let knownStart = text.indexOf('<!--')

  /**
   * The end of the comment that begins here; undefined without an end. The text is searched only once for all comments.
   */
  function endOfComment(from: number): number | undefined {
    if (knownEnd !== -1 && knownEnd < from + 5) {
      commentEnd.lastIndex = from + 2
      knownEnd = commentEnd.test(text) ? commentEnd.lastIndex : -1
    }
    return knownEnd === -1 ? undefined : knownEnd
  }

  /** The start of the first comment at or after an offset. Offsets only grow from call to call. */
  function startOfComment(from: number): number | undefined {
    if (knownStart !== -1 && knownStart < from) knownStart = text.indexOf('<!--', from)
    return knownStart === -1 ? undefined : knownStart
  }

  function cutComments(from: number, to: number): number {
    let end = 0
    for (let at = startOfComment(from); at !== undefined && at < to; at = startOfComment(end)) {
      end = endOfComment(at) ?? text.length
      comments.push([at, end])
    }
    return end
  }

  function cutBogus(from: number): number {
    const end = text.indexOf('>', from) + 1 || text.length
    comments.push([from, end])
    return end
  }

  /** Whether an element is closed later. One that never is closed is just a word in a sentence. */
  function isClosedAfter(name: string, at: number): boolean {
    const last = lastClosing.get(name) ?? lower.lastIndexOf(`</${name}`)
    lastClosing.set(name, last)
    return last > at
  }

  function readTag(name: string, { isEnd, at }: { readonly isEnd: boolean; readonly at: number }) {
    const depth = depths.get(name) ?? 0
    if (isEnd) depths.set(name, Math.max(0, depth - 1))
    else if (isClosedAfter(name, at)) depths.set(name, depth + 1)
  }

  function isInside(): boolean {
    return [...depths.values()].some((depth) => depth > 0)
  }

  function scan(block: readonly OpenLine[], isHtml: boolean): number {
    const [first] = block
    const last = block.at(-1)
    if (first === undefined || last === undefined) return 0
    let lastEnd = 0
    const from = first.start
    const content = text.slice(from, last.start + last.text.length)
    if (!/[<`]/.test(content)) {
      if (depths.size > 0) for (const line of block) if (isInside()) line.isText = false
      return 0
    }
    const spanEnds = createSpanEnds(content)
    let next = 0
    /** Decides for the lines that begin before an offset whether their beginning is hidden. */
    const decide = (before: number, isHidden: boolean) => {
      for (let line = block[next]; line && line.start < before; line = block[++next]) {
        if (isHidden || isInside()) line.isText = false
      }
    }
    // An escaped character begins nothing.
    const begins = isHtml ? BEGINS_IN_HTML : BEGINS
    begins.lastIndex = 0
    for (let match = begins.exec(content); match; match = begins.exec(content)) {
      const [token, slash = '', name] = match
      const at = from + match.index
      decide(at + 1, false)
      if (name !== undefined) readTag(name.toLowerCase(), { isEnd: slash !== '', at })
      const end = token.startsWith('`')
        ? spanEnds(match.index, token.length)
        : token === '<!--'
          ? cutWithin(at, from + content.length)
          : undefined
      if (end === undefined) continue
      decide(from + end, true)
      begins.lastIndex = end
    }
    decide(Number.POSITIVE_INFINITY, false)
    return lastEnd

    /** Cuts a comment within text. It must end in the same block; otherwise it is not a comment. */
    function cutWithin(at: number, limit: number): number | undefined {
      let end = endOfComment(at)
      if (isHtml) end ??= text.length
      if (end === undefined || (end > limit && !isHtml)) return undefined
      comments.push([at, end])
      lastEnd = end
      return end - from
    }
  }

  return { comments, scan, cutComments, cutBogus }
}

const ELEMENT = String.raw`<(\/?)(pre|code|samp|kbd|blockquote)\b[^<>]*>`
const BEGINS_IN_HTML = new RegExp(`<!--|${ELEMENT}`, 'gi')
const BEGINS = new RegExp(String.raw`\\[\s\S]|\x60+|<!--|${ELEMENT}`, 'gi')

/**
 * For a run of backticks that opens a code span, where that span ends; undefined if no run of the same length follows.
 */
export function createSpanEnds(content: string): (at: number, length: number) => number | undefined {
  const byLength = new Map<number, { readonly ends: number[]; next: number }>()
  for (const { index, 0: run } of content.matchAll(/`+/g)) {
    const known = byLength.get(run.length) ?? { ends: [], next: 0 }
    known.ends.push(index + run.length)
    byLength.set(run.length, known)
  }
  return (at, length) => {
    const known = byLength.get(length)
    if (known === undefined) return undefined
    let end = known.ends[known.next]
    while (end !== undefined && end <= at + length) end = known.ends[++known.next]
    return end
  }
}
