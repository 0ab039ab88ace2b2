import { hiddenKind } from '../hidden-characters.ts'
import type { LinkLabels } from './link-labels.ts'
import { createSpanEnds } from './scan-inline.ts'
import type { MarkdownBlock } from './scan-markdown.ts'

/** A part of a text that its page does not show, or shows as something else. */
export interface UnseenPart {
  readonly from: number
  readonly to: number
  /** The text that takes its place. */
  readonly shown: string
  /** How many of its characters could have been words. */
  readonly characters: number
}

const NAME = '[a-z][a-z0-9-]*'
const ATTRIBUTE = String.raw`\s+([a-z_:@][\w.:-]*)(?:\s*=\s*([^\s"'=<>\x60]+|'[^']*'|"[^"]*"))?`
/** A tag of CommonMark. Anything else in a paragraph is text, which people see. */
const TAG = new RegExp(String.raw`<(${NAME})((?:${ATTRIBUTE})*)\s*(\/?)>`, 'iy')
/** What browsers take for a tag in a block of HTML, including closing tags with attributes. */
const LOOSE_TAG = new RegExp(String.raw`<(\/?${NAME})((?:"[^"]*"|'[^']*'|[^<>"'])*)()>`, 'iy')
const LOOSEST_TAG = new RegExp(String.raw`<(\/?${NAME})([^<>]*)()>`, 'iy')
const ATTRIBUTES = new RegExp(ATTRIBUTE, 'gi')
/** The value of an attribute that says where something is, if it is an address and nothing else. */
const ADDRESS = /^(?:https?:\/\/|mailto:|[/#.])[^\s"'<>\x60]*$/i
const USUAL =
  /^(?:align|alt|border|class|colspan|controls|dir|folded|height|href|id|lang|loading|name|open|rel|rowspan|src|start|target|title|type|valign|width)$/
const SPACES = /\s*/y
const TITLE = /\s+(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\((?:[^()\\]|\\[\s\S])*\))(?=\s*\))/y
const ENTITY =
  /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(zwj|zwnj|shy|lrm|rlm|af|it|ic|NoBreak|ApplyFunction|Invisible(?:Times|Comma)|ZeroWidthSpace|Negative(?:VeryThin|Thin|Medium|Thick)Space));/iy
/** A definition. In quotations and lists it comes after their marks. */
const DEFINITION =
  /(?:[ >]|(?:[-*+]|\d{1,9}[.)])(?= ))*\[((?:[^[\]\\]|\\[\s\S])+)\]:[ \t]*(?:\n[ >]*)?(<[^<>\n]*>|[^\s<]\S*)((?:[ \t]+|[ \t]*\n[ >]*)(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|\((?:[^()\\]|\\[\s\S])*\)))?[ \t]*(?:\n|$)/y
const FOOTNOTE = /^[ >]*\[\^([^[\]\s]+)\]:/gm

/** Where something begins that readers may not see. An escaped character and a code span begin nothing. */
const BEGINS = /\\[\s\S]|`+|<[/?!a-z]|!\[|\]\(|\]\[|&/gi
const BEGINS_IN_HTML = /<[/?!a-z]|&/gi

/**
 * Finds what readers of a block do not see: attributes such as `alt` and `title`, titles and definitions of links, and
 * invisible characters written as `&#…;`. It takes one pass; each kind of end is searched once for all beginnings.
 */
export function findUnseen(
  text: string,
  { from, to, isHtml }: MarkdownBlock,
  labels: LinkLabels,
): readonly UnseenPart[] {
  const content = text.slice(from, to)
  if (!/[<&[]/.test(content)) return []
  const parts: UnseenPart[] = []
  const add: Add = (at, end, shown, characters = end - at - shown.length) => {
    if (content.slice(at, end) !== shown) parts.push({ from: from + at, to: from + end, shown, characters })
    return end
  }
  const spanEnds = createSpanEnds(content)
  const reader = {
    content,
    add,
    isHtml,
    labels,
    next: createNext(content),
    closing: closingBrackets(content),
  }
  const begins = isHtml ? BEGINS_IN_HTML : BEGINS
  begins.lastIndex = isHtml || !content.includes(']:') ? 0 : cutDefinitions(reader)
  for (let match = begins.exec(content); match; match = begins.exec(content)) {
    const { 0: token, index: at } = match
    const end = token.startsWith('`') ? spanEnds(at, token.length) : cutAt(reader, token, at)
    if (end !== undefined) begins.lastIndex = end
  }
  return parts
}

type Add = (at: number, end: number, shown: string, characters?: number) => number

interface Reader {
  readonly content: string
  readonly isHtml: boolean
  readonly add: Add
  readonly labels: LinkLabels
  /** The next place of a text at or after an offset. Offsets only grow from call to call. */
  readonly next: (wanted: string, at: number) => number
  /** The index of the `]` that belongs to each `[`. */
  readonly closing: ReadonlyMap<number, number>
}

/** @returns where reading continues; undefined to continue right after the token. */
function cutAt(reader: Reader, token: string, at: number): number | undefined {
  const { content, add, closing, labels } = reader
  switch (token) {
    case '&': {
      const entity = hiddenEntity(content, at)
      return entity === undefined ? undefined : add(at, at + entity.length, '')
    }
    case '![': {
      const end = closing.get(at + 1)
      const isImage =
        end !== undefined && /[([]/.test(content.charAt(end + 1)) && content.charAt(end + 2) !== ']'
      return isImage ? add(at, end, '![') : undefined
    }
    case '](':
      return cutTitle(reader, at)
    case '][': {
      const label = content.slice(at + 2, closing.get(at + 1) ?? at + 2)
      if (!/\S\s+\S+\s+\S+\s+\S/.test(label) || !labels.isDefined(label)) return undefined
      return add(at, at + 3 + label.length, ']')
    }
    default:
      return /^<[?!]/.test(token) ? cutDeclaration(reader, at) : cutTag(reader, at)
  }
}

/** A character without width that is written as a number or by its name; undefined for any other text. */
function hiddenEntity(content: string, at: number): string | undefined {
  const [entity, hex, decimal] = matchAt(ENTITY, content, at) ?? []
  const code = hex === undefined ? Number(decimal ?? 0x200b) : Number.parseInt(hex, 16)
  return code <= 0x10ffff && hiddenKind(String.fromCodePoint(code)) !== undefined ? entity : undefined
}

/** Cuts the title of a link or an image, and an address that is not really one. */
function cutTitle({ content, add, next }: Reader, at: number): number | undefined {
  const start = at + 2 + (matchAt(SPACES, content, at + 2)?.[0].length ?? 0)
  if (content.charAt(start) === '<') {
    const end = next('>', start) + 1
    const address = content.slice(start, end)
    if (end === 0 || /[<\n]/.test(address.slice(1))) return undefined
    if (/\s/.test(address)) add(start, end, '<>')
    return cutTitleAt(content, end, add)
  }
  const stops = [next(' ', start), next('\n', start), next('\t', start), next('](', start)].filter(
    (stop) => stop >= 0,
  )
  const end = Math.min(content.length, ...stops)
  return isBalanced(content.slice(start, end)) ? cutTitleAt(content, end, add) : undefined
}

function cutTitleAt(content: string, at: number, add: Add): number | undefined {
  const [title] = matchAt(TITLE, content, at) ?? []
  return title === undefined ? undefined : add(at, at + title.length, '')
}

/** Whether the brackets of an address are balanced. Otherwise the link ends within the address. */
function isBalanced(address: string): boolean {
  let depth = 0
  for (const [one] of address.matchAll(/[()]/g)) {
    depth += one === '(' ? 1 : -1
    if (depth < 0) return false
  }
  return depth === 0
}

/** Cuts `<?…?>`, `<!X …>` and `<![CDATA[…]]>`. Browsers end each of them at the first `>`. */
function cutDeclaration({ content, add, isHtml, next }: Reader, at: number): number | undefined {
  const mark = content.startsWith('<?', at) ? '?>' : content.startsWith('<![CDATA[', at) ? ']]>' : '>'
  const isComment =
    isHtml || (mark !== '>' && next(mark, at) >= 0) || /^<![a-z]/i.test(content.slice(at, at + 3))
  const end = next('>', at) + 1
  return isComment && end > 0 && !content.startsWith('<!--', at) ? add(at, end, '') : undefined
}

function cutTag({ content, add, isHtml }: Reader, at: number): number | undefined {
  const [tag, name = '', attributes = '', , , slash = ''] = matchAt(TAG, content, at) ?? []
  if (tag !== undefined) return add(at, at + tag.length, ...shortTag(name, attributes, slash))
  if (!isHtml) return undefined
  const [loose, looseName = '', rest = ''] =
    matchAt(LOOSE_TAG, content, at) ?? matchAt(LOOSEST_TAG, content, at) ?? []
  return loose === undefined ? undefined : add(at, at + loose.length, ...shortTag(looseName, ` ${rest}`, ''))
}

/**
 * The tag with only the attributes that say where something is, and how many characters the others have that may be
 * words.
 */
function shortTag(name: string, attributes: string, slash: string): [shown: string, characters: number] {
  const isDetails = name.toLowerCase() === 'details'
  const kept: string[] = []
  let dropped = attributes.replace(ATTRIBUTES, '').trim().length
  for (const [whole, attribute = '', value = ''] of attributes.matchAll(ATTRIBUTES)) {
    const key = attribute.toLowerCase()
    const bare = value.replace(/^(["'])(.*)\1$/s, '$2')
    const isAddress = (key === 'src' || key === 'href') && ADDRESS.test(bare)
    if (isAddress) kept.push(` ${key}="${bare}"`)
    if (isDetails && key === 'open') kept.push(' open')
    // The size of a picture and similar values are not text.
    if (!isAddress && !(USUAL.test(key) && /^[\w%-]{0,12}$/.test(bare))) dropped += whole.trim().length
  }
  // Many issues fold their logs, so the agent gets the folded text, with a mark.
  if (isDetails && !kept.includes(' open')) kept.push(' folded')
  return [`<${name}${kept.join('')}${slash}>`, dropped]
}

/**
 * Cuts definitions, which begin a block and are not shown. A definition keeps its address if a link uses it; a footnote
 * keeps its text.
 */
function cutDefinitions({ content, add, labels }: Reader): number {
  const notes = [...content.matchAll(FOOTNOTE)]
  if (notes[0]?.index === 0) {
    for (const [index, { 1: name = '', index: at }] of notes.entries()) {
      if (!labels.isUsed(`^${name}`)) add(at, notes[index + 1]?.index ?? content.length, '')
    }
    return content.length
  }
  for (let at = 0; ; ) {
    const [whole, label = '', address = '', title = ''] = matchAt(DEFINITION, content, at) ?? []
    if (whole === undefined) return at
    const isKept = labels.isUsed(label) && !/\s/.test(address)
    const shown = title === '' ? whole : whole.replace(title, '')
    at = add(at, at + whole.length, isKept ? shown : '')
  }
}

/**
 * A match that begins exactly at an offset.
 *
 * @param pattern must be sticky.
 */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function createNext(content: string): (wanted: string, at: number) => number {
  const known = new Map<string, number>()
  return (wanted, at) => {
    let found = known.get(wanted)
    if (found === undefined || (found !== -1 && found < at)) found = content.indexOf(wanted, at)
    known.set(wanted, found)
    return found
  }
}

function closingBrackets(content: string): ReadonlyMap<number, number> {
  const closing = new Map<number, number>()
  const open: number[] = []
  for (const { 0: one, index } of content.matchAll(/\\[\s\S]|[[\]]/g)) {
    const start = one === ']' ? open.pop() : undefined
    if (one === '[') open.push(index)
    else if (start !== undefined) closing.set(start, index)
  }
  return closing
}
