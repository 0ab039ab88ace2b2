import { type GuardedFile, type GuardedLine, hunksWithTexts, type ReadFile } from './guarded-change.ts'

const IN_JAVASCRIPT = /\.[cm]?[jt]sx?$/
/** Matches a line that is a text and nothing else, as in tests of a linter. */
const ONE_TEXT =
  /^\s*(?:(?:code|output|input|source|text)\s*:\s*)?(?:"(?:[^"\\]|\\.){0,1000}"|'(?:[^'\\]|\\.){0,1000}'|`(?:[^`\\]|\\.){0,1000}`)\s*,?\s*$/
/** Matches the first line of a template of several lines. Nothing in front of its end may be a comment or a text. */
const OPENS = /^[\w\s.:,=({[+>?]{0,200}`\s*$/
const MARK = /(?<!\\)`/g
const MOST_LINES = 50_000

/**
 * The file without the code that it holds as texts, as tests of linters and formatters do. Of other languages than JavaScript, and
 * where the whole file is not known, nothing is left out. A line that is code elsewhere in the file stays.
 */
export function withoutQuotedCode(read: ReadFile): ReadFile {
  const { file } = read
  if (!IN_JAVASCRIPT.test(file.path)) return read
  const [now, before] = [file.bytes, file.before].map(quotedIn)
  const isQuoted = ({ sign, text }: GuardedLine) =>
    ONE_TEXT.test(text) || ((sign === '-' ? before : now)?.has(text.trim()) ?? false)
  return { ...read, ...hunksWithTexts(read.hunks.map((lines) => lines.filter((line) => !isQuoted(line)))) }
}

/** The lines, trimmed, that are in templates of several lines and nowhere else. Empty if it is unclear where one ends. */
function quotedIn(bytes: GuardedFile['bytes']): ReadonlySet<string> {
  const quoted = new Set<string>()
  const code = new Set<string>()
  let isInside = false
  for (const line of bytes ? Buffer.from(bytes).toString('utf8').split('\n', MOST_LINES) : []) {
    const isOdd = (line.match(MARK)?.length ?? 0) % 2 === 1
    ;(isInside && !isOdd ? quoted : code).add(line.trim())
    if (!isOdd) continue
    if (!isInside && !OPENS.test(line)) return new Set()
    isInside = !isInside
  }
  return isInside ? new Set() : quoted.difference(code)
}

const MARK_OF_TEXT = /"""|'''/g

/** Python, Ruby and Perl: the lines, trimmed, that are in a text of several lines or below the end of the program. */
function textLines(path: string, bytes: GuardedFile['bytes']): ReadonlySet<string> {
  if (IN_JAVASCRIPT.test(path)) return quotedIn(bytes)
  const lines = bytes ? Buffer.from(bytes).toString('utf8').split('\n', MOST_LINES) : []
  if (/\.(?:rb|pl|t)$/.test(path)) {
    const end = lines.findIndex((line) => /^__(?:END|DATA)__\s*$/.test(line))
    return new Set(end === -1 ? [] : lines.slice(end + 1).map((line) => line.trim()))
  }
  const found = new Set<string>()
  let isInside = false
  for (const line of /\.py$/.test(path) ? lines : []) {
    if (isInside) found.add(line.trim())
    const marks = line.match(MARK_OF_TEXT)?.length ?? 0
    if (marks % 2 === 1) isInside = !isInside
  }
  return isInside ? new Set() : found
}

/** True if the first line of a test was code before, and is part of a text now. */
export function becomeText({ path, before, bytes, status }: GuardedFile, test: RegExp): boolean {
  if (status !== 'modified' || !before || !bytes) return false
  const [old, now] = [before, bytes].map((side) => textLines(path, side))
  const heads = [...(now ?? [])].filter((line) => test.test(line) && !(old?.has(line) ?? false))
  if (heads.length === 0) return false
  const code = new Set(
    Buffer.from(before)
      .toString('utf8')
      .split('\n', MOST_LINES)
      .map((line) => line.trim()),
  )
  return heads.some((line) => code.has(line))
}
