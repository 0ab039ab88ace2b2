import { type OpenLine, scanInline } from './scan-inline.ts'

/** What a reader sees of a Markdown text, and where it is. */
export interface ScannedMarkdown {
  readonly lines: readonly ScannedLine[]
  /** HTML comments, which readers do not see, as offsets `[from, to)` in ascending order. */
  readonly comments: readonly (readonly [number, number])[]
  /** The parts that are neither code nor comments, in ascending order. */
  readonly blocks: readonly MarkdownBlock[]
  /** The text after the language at the beginning of each code block, as offsets. No reader sees it. */
  readonly infos: readonly (readonly [number, number])[]
}

/** Lines that belong together, as offsets `[from, to)`. */
export interface MarkdownBlock {
  readonly from: number
  readonly to: number
  /** Whether the block is HTML, in which backticks and brackets have no meaning. */
  readonly isHtml: boolean
}

export interface ScannedLine {
  /** Offset of the line in the text. */
  readonly start: number
  readonly text: string
  /** Whether the line begins as ordinary text: not in code, a quotation or an HTML comment. */
  readonly isText: boolean
}

interface Fence {
  readonly marker: string
  /** Column at which the content of the list item with the fence begins; 0 outside of lists. */
  readonly column: number
}

const LIST = String.raw`(?:[-*+]|\d{1,9}[.)])`
const LIST_MARKER = new RegExp(`^ *${LIST}(?:\\s|$)`)
const FENCE = new RegExp(`^(?: |${LIST}(?= ))*(\`{3,}|~{3,})([^\\n]*)$`)
const COMMENT_BLOCK = new RegExp(`^(?: |${LIST}(?= ))*<!--`)
/** `<?php`, `<!DOCTYPE`, `<![CDATA[`: browsers take each for a comment that ends at the next `>`. */
const BOGUS_BLOCK = new RegExp(`^(?: |${LIST}(?= ))*<(?:\\?|![a-z[])`, 'i')
const HTML_BLOCK = new RegExp(
  `^(?: |>|${LIST}(?= ))*(?:</?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:\\s|/?>|$))`,
  'i',
)
/** A line that is a single tag also begins a block of HTML, unless it continues a paragraph. */
const TAG_ALONE = new RegExp(`^(?: |>|${LIST}(?= ))*</?[a-z][^<>]*>[ \\t]*$`, 'i')
const RAW_HTML = /^ {0,3}<(?:pre|script|style|textarea)(?=[\s>]|$)/i
const RAW_HTML_END = /<\/(?:pre|script|style|textarea)>/i
const HEADING = /^ {0,3}#{1,6}(?:\s|$)/
const QUOTE = /^ {0,3}>/

/**
 * Finds in one pass which lines begin as text, and where HTML comments are. Anyone may write a comment on GitHub, and
 * full Markdown parsers are superlinear on hostile text; this one is linear.
 *
 * @param text its only line end must be `
 * `.
 */
export function scanMarkdown(text: string): ScannedMarkdown {
  const lines = linesOf(text)
  const inline = scanInline(text)
  let fence: Fence | undefined
  let inRawHtml = false
  let commentEnd = 0
  let listColumn = 0
  let block: OpenLine[] = []
  let isQuote = false
  let isHtml = false
  const blocks: MarkdownBlock[] = []
  const infos: (readonly [number, number])[] = []

  function addBlock(lines: readonly OpenLine[], isHtml: boolean): void {
    const [first] = lines
    const last = lines.at(-1)
    if (first && last) blocks.push({ from: first.start, to: last.start + last.text.length, isHtml })
  }

  function endBlock(): void {
    commentEnd = Math.max(commentEnd, inline.scan(block, isHtml))
    addBlock(block, isHtml)
    isHtml = false
    if (isQuote) for (const line of block) line.isText = false
    block = []
    isQuote = false
  }

  /** @returns whether the line is inside a comment, a fence or raw HTML that began before it. */
  function continues(line: OpenLine, column: number, isBlank: boolean): boolean {
    if (line.start < commentEnd) {
      if (inRawHtml) inRawHtml = !RAW_HTML_END.test(line.text)
      return true
    }
    if (fence !== undefined && !isBlank && column < fence.column) fence = undefined
    if (fence !== undefined) {
      if (closes(fence, line.text)) fence = undefined
      return true
    }
    if (!inRawHtml) return false
    readRawHtml(line)
    return true
  }

  function readRawHtml(line: OpenLine): void {
    inRawHtml = !RAW_HTML_END.test(line.text)
    commentEnd = inline.cutComments(line.start, line.start + line.text.length)
    addBlock([line], true)
  }

  /** @returns whether the line begins a block without text. */
  function begins(line: OpenLine, column: number): boolean {
    const isCode = column >= listColumn + 4
    if (isCode) return block.length === 0
    fence = openedFence(line.text, listColumn)
    if (fence !== undefined) infos.push(infoOf(line, fence))
    const isRaw = fence === undefined && RAW_HTML.test(line.text)
    const isComment = fence === undefined && COMMENT_BLOCK.test(line.text)
    const isBogus = fence === undefined && BOGUS_BLOCK.test(line.text)
    if (fence === undefined && !isRaw && !isComment && !isBogus) return false
    endBlock()
    if (isBogus) commentEnd = inline.cutBogus(line.start + line.text.indexOf('<'))
    if (isRaw) readRawHtml(line)
    if (isComment) commentEnd = inline.cutComments(line.start, line.start + line.text.length)
    return true
  }

  for (const line of lines) {
    const { column, isBlank } = indentOf(line.text)
    if (continues(line, column, isBlank)) {
      line.isText = false
      continue
    }
    if (isBlank) {
      endBlock()
      continue
    }
    if (column < listColumn) listColumn = 0
    if (begins(line, column)) {
      line.isText = false
      continue
    }
    const marker = LIST_MARKER.exec(line.text)?.[0]
    const isHeading = HEADING.test(line.text)
    const quoted = QUOTE.test(line.text)
    if (marker !== undefined || isHeading || quoted !== isQuote) endBlock()
    if (marker !== undefined) listColumn = marker.length
    isQuote = quoted
    isHtml ||= HTML_BLOCK.test(line.text) || (block.length === 0 && TAG_ALONE.test(line.text))
    block.push(line)
    if (isHeading) endBlock()
  }
  endBlock()
  return { lines, comments: inline.comments, blocks, infos }
}

function linesOf(text: string): OpenLine[] {
  let start = 0
  return text.split('\n').map((line) => {
    const made = { start, text: line, isText: true }
    start += line.length + 1
    return made
  })
}

/** The indentation of a line. A tab advances to the next multiple of four columns. */
function indentOf(line: string): { readonly column: number; readonly isBlank: boolean } {
  let column = 0
  let index = 0
  for (; line[index] === ' ' || line[index] === '\t'; index++) {
    column = line[index] === ' ' ? column + 1 : column - (column % 4) + 4
  }
  return { column, isBlank: index === line.length }
}

function openedFence(line: string, listColumn: number): Fence | undefined {
  const [, marker, info = ''] = FENCE.exec(line) ?? []
  if (marker === undefined || (marker.startsWith('`') && info.includes('`'))) return undefined
  return { marker, column: LIST_MARKER.test(line) ? line.indexOf(marker) : listColumn }
}

function closes({ marker }: Fence, line: string): boolean {
  const [, run = ''] = /^ *(`{3,}|~{3,})[ \t]*$/.exec(line) ?? []
  return run.startsWith(marker)
}

/** The text after the language. A language is one short word; what else is there could be anything. */
function infoOf({ start, text }: OpenLine, { marker }: Fence): readonly [number, number] {
  const at = text.indexOf(marker) + marker.length
  const [language = ''] = /^[ \t]*[\w+#.-]{1,20}(?![^\s{])/.exec(text.slice(at)) ?? []
  return [start + at + language.length, start + text.length]
}
