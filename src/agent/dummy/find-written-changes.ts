import type { Code, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** A change that a person wrote into the request and that is applied literally. */
export type WrittenChange =
  | { readonly kind: 'diff'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string; readonly content: string }
  | {
      readonly kind: 'suggestion'
      readonly path: string
      /** First and last line that it replaces, both inclusive, counted from 1. */
      readonly from: number
      readonly to: number
      readonly content: string
    }
  /** A block that looks like a change but does not say where it belongs. */
  | { readonly kind: 'unusable'; readonly why: string }

/**
 * Finds changes in Markdown: ` ```diff `, ` ```suggestion path=… lines=… ` and ` ```<language> path=… ` blocks, and
 * diffs that were pasted without a block. Quotations do not count, and a repeated change counts once. The parser takes
 * quadratic time on hostile text, so the service calls this in a thread.
 *
 * @throws {RangeError} if the text is nested too deeply.
 */
export function findWrittenChanges(markdowns: readonly string[]): readonly WrittenChange[] {
  const changes = markdowns.map((markdown) => markdown.replaceAll('\r\n', '\n')).flatMap(changesIn)
  const unique = new Map(changes.map((change) => [JSON.stringify(change), change]))
  return [...unique.values()]
}

function changesIn(markdown: string): readonly WrittenChange[] {
  const root = fromMarkdown(markdown)
  const inBlocks = codeBlocks(root).flatMap((block) => toChange(block, writtenOn(markdown)))
  // A line of a diff can look like a list with code, so only blocks and quotations that begin at the margin count.
  const skipped = root.children.flatMap(({ type, position }) => {
    const isFence = type === 'code' && /^[`~]/.test(markdown.slice(position?.start.offset))
    return position && (isFence || type === 'blockquote') ? [position] : []
  })
  const lines = new Set<number>()
  for (const { start, end } of skipped)
    for (let line = start.line; line <= end.line; line++) lines.add(line - 1)
  const isSkipped = (line: number) => lines.has(line)
  return [...inBlocks, ...findBareDiffs(markdown, isSkipped).map(diffChange)]
}

function codeBlocks(node: Nodes): Code[] {
  if (node.type === 'code') return [node]
  if (node.type === 'blockquote' || !('children' in node)) return []
  return node.children.flatMap((child) => codeBlocks(child))
}

function toChange({ lang, meta, value }: Code, place: Partial<Place>): WrittenChange[] {
  const language = lang?.toLowerCase() ?? ''
  const { path, lines } = readMeta(`${lang ?? ''} ${meta ?? ''}`)
  if (language === 'diff' || language === 'patch') return [diffChange(value)]
  if (language === 'suggestion') {
    return [suggestionChange(value, path === undefined ? place : { path, lines })]
  }
  return path === undefined ? [] : [{ kind: 'file', path, content: value === '' ? '' : `${value}\n` }]
}

function diffChange(text: string): WrittenChange {
  if (!/^\+\+\+ \S/m.test(text) && !/^diff --git /m.test(text)) {
    return { kind: 'unusable', why: 'a diff block names no file: it needs its `---` and `+++` lines' }
  }
  return { kind: 'diff', text: `${text}\n` }
}

interface Place {
  readonly path: string | undefined
  readonly lines: string | undefined
}

/** The path and lines of a review comment, which a suggestion block in GitHub's own form replaces. */
function writtenOn(markdown: string): Partial<Place> {
  const [, path, lines] = /\n\(Written on (.+?):(\d+(?:-\d+)?)\.\)$/.exec(markdown) ?? []
  return { path, lines }
}

function suggestionChange(content: string, { path, lines }: Partial<Place>): WrittenChange {
  const range = /^(\d+)(?:-(\d+))?$/.exec(lines ?? '')
  if (path === undefined || !range) {
    const form = '` ```suggestion path=src/file.ts lines=3-5 `'
    return { kind: 'unusable', why: `a suggestion block does not say what it replaces; write it as ${form}` }
  }
  const from = Number(range[1])
  const to = Number(range[2] ?? from)
  if (from < 1 || to < from) return { kind: 'unusable', why: `a suggestion names the lines ${lines}` }
  return { kind: 'suggestion', path, from, to, content }
}

/** Reads the words after a block's language: `path=src/a.ts`, `file="my file.txt"`, `lines=3-5`. */
function readMeta(text: string): Place {
  const found = new Map<string, string>()
  for (const match of text.matchAll(/\b(path|file|filename|title|lines?)=(?:"([^"]+)"|'([^']+)'|(\S+))/g)) {
    const value = match[2] ?? match[3] ?? match[4]
    if (match[1] && value) found.set(match[1], value)
  }
  const path = found.get('path') ?? found.get('file') ?? found.get('filename') ?? found.get('title')
  return { path, lines: found.get('lines') ?? found.get('line') }
}

const GIT_HEADER = /^diff --git \S/
const OLD_FILE = /^--- \S/
const NEW_FILE = /^\+\+\+ \S/
const HUNK = /^@@ -/
const DIFF_LINE =
  /^(?:[-+ \\@]|diff --git |index [0-9a-f]|(?:old|new|deleted file|new file) mode |similarity index |rename |copy )/

/**
 * Finds diffs that were pasted without a code block around them, each from its first header to its last line.
 *
 * @param isSkipped whether a line, counted from 0, belongs to something else, such as a code block or a quotation.
 */
export function findBareDiffs(markdown: string, isSkipped: (line: number) => boolean): readonly string[] {
  const lines = markdown.split('\n')
  const diffs: string[] = []
  for (let at = 0; at < lines.length; at++) {
    if (isSkipped(at) || !begins(lines, at)) continue
    let end = at + 1
    while (end < lines.length && !isSkipped(end) && belongs(lines, end)) end++
    diffs.push(lines.slice(at, end).join('\n'))
    at = end - 1
  }
  return diffs
}

function begins(lines: readonly string[], at: number): boolean {
  const [line = '', next = '', third = ''] = lines.slice(at, at + 3)
  return GIT_HEADER.test(line) || (OLD_FILE.test(line) && NEW_FILE.test(next) && HUNK.test(third))
}

/**
 * Whether a line belongs to a diff. Editors remove the space of an empty context line, so an empty line counts unless it is
 * at the end.
 */
function belongs(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? ''
  return line === '' ? DIFF_LINE.test(lines[at + 1] ?? '') : DIFF_LINE.test(line)
}
