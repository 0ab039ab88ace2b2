import { removedTests } from '../missing/removed-tests.ts'
import { type ReadChange, type ReadFile, textNow } from './guarded-change.ts'

const WORD = /[A-Za-z_$][\w$]{2,99}/g
/** Matches names with hyphens, as of flags, options and routes: `no-cache`. */
const COMPOUND = /[A-Za-z]\w{0,40}(?:-\w{1,40}){1,8}/g
/** Capture the name that a line of code defines, in the common languages. */
const DEFINED = [
  /\b(?:function\*?|def[pm]?|defmodule|defmacro|class|func|fun|fn|struct|interface|type|enum|trait|module|mod|namespace|record|object|protocol|extension|macro_rules!|const|let|var|val|static|property|delegate|union|using|typedef|#define)\s+(?:\([^)]{0,200}\)\s*)?(?:[A-Za-z_]\w{0,60}\.)?([A-Za-z_$][\w$]{2,99})/g,
  // A method, a field, a key or a variable at the start of a line.
  /^\s*(?:(?:export|default|public|private|protected|internal|static|async|get|set|final|override|virtual|abstract|readonly|inline|constexpr|pub|unsafe|extern|suspend|open|sealed|partial)\s+){0,6}(?:[\w<>[\],.?*&:]{1,80}\s+){0,3}[*&]?["']?([A-Za-z_$][\w$-]{2,99})["']?\s*(?:[(:=<]|$)/g,
  /["'`]-{0,2}([A-Za-z]\w{0,40}(?:-\w{1,40}){1,8})["'`=]/g,
] as const
/** Words that begin statements and define no name. */
const KEYWORDS = new Set(
  'return if else for while switch case break continue throw throws try catch finally new delete import from export default assert expect yield await with raise except pass end then when unless until elif match use require include public private protected static const let var print self this'.split(
    ' ',
  ),
)

/**
 * The names that a change removes from the code: names that removed lines of source define and that no
 * changed source mentions any more, and names of deleted files. A definition that is renamed does not count.
 */
export function goneNames({ files }: ReadChange): ReadonlySet<string> {
  const sources = files.filter(({ role, isTest }) => role === 'source' && !isTest)
  const gone = new Set<string>()
  if (sources.every(({ removed }) => removed.length === 0)) return gone
  const left = new Set(sources.flatMap(wordsLeft))
  for (const source of sources) {
    const renamed = shapesOf(source.added)
    // A file may hold its own tests. Names that these define are not part of the program.
    for (const line of source.marks ? removedTests(source, source.marks).others : source.removed) {
      for (const name of definedIn(line))
        if (!left.has(name) && !renamed.has(shapeOf(line, name))) gone.add(name)
    }
    for (const text of goneTexts(source, left)) gone.add(text)
    if (source.file.status === 'deleted') for (const name of namesOfFile(source.file.path)) gone.add(name)
  }
  return gone
}

/**
 * Matches texts. Beside them only constants and types count, because other names inside a function are too
 * common to tell what a test is about.
 */
const TEXT = /"([^"\\]{5,200})"|'([^'\\]{5,200})'|`([^`$\\]{5,200})`/g
const TELLING = /\b(?:[A-Z][A-Z\d]+_[A-Z\d_]+|[A-Z][a-z\d]+(?:[A-Z][a-z\d]+)+)\b/g
const MOST_TEXTS = 500

/** Texts and names that a source no longer contains, unless the same line has another one in their place. */
function goneTexts(read: ReadFile, left: ReadonlySet<string>): readonly string[] {
  const { added, removed, file } = read
  const code = file.status === 'deleted' ? '' : textNow(read)
  const replaced = new Set(added.map(skeletonOf))
  const stale = removed
    .filter((line) => !COMMENT.test(line) && !replaced.has(skeletonOf(line)))
    .slice(0, MOST_TEXTS)
  return stale.flatMap((line) => {
    const texts = [...line.matchAll(TEXT)].map(
      (match) => match.slice(1).find((one) => one !== undefined) ?? '',
    )
    const names = line.replace(TEXT, '""').match(TELLING) ?? []
    return [
      ...texts.filter((text) => /[A-Za-z]{3}/.test(text) && !code.includes(text)),
      ...names.filter((name) => !left.has(name) && !code.includes(name)),
    ]
  })
}

const COMMENT = /^\s*(?:\/\/|\*|\/\*|#|--)/

function skeletonOf(line: string): string {
  return line.replace(TEXT, '""').replace(TELLING, 'N').replace(/\s+/g, '')
}

/** True if a line of a test mentions a removed name or text. */
export function mentions(line: string, gone: ReadonlySet<string>): boolean {
  if (gone.size === 0) return false
  if (wordsIn(line).some((word) => gone.has(word))) return true
  const texts = [...line.matchAll(TEXT)].map((match) => match.slice(1).find((one) => one !== undefined) ?? '')
  return texts.some((text) => gone.has(text) || isPartOfGone(text, gone))
}

/** Matches texts of at least three words. A test may contain only a part of one, or more than it. */
const LONG = /^(?=.{16})\S+\s\S+\s/
const known = new WeakMap<ReadonlySet<string>, readonly string[]>()
const MOST_SENTENCES = 100

function isPartOfGone(text: string, gone: ReadonlySet<string>): boolean {
  if (!LONG.test(text)) return false
  const sentences = known.get(gone) ?? [...gone].filter((one) => LONG.test(one)).slice(0, MOST_SENTENCES)
  known.set(gone, sentences)
  return sentences.some((one) => one.includes(text) || text.includes(one))
}

export function wordsIn(text: string): readonly string[] {
  return [...(text.match(WORD) ?? []), ...(text.includes('-') ? (text.match(COMPOUND) ?? []) : [])]
}

function definedIn(line: string): readonly string[] {
  const names = DEFINED.flatMap((pattern) => [...line.matchAll(pattern)].map(([, name = '']) => name))
  return names.filter((name) => !KEYWORDS.has(name)).slice(0, MOST_NAMES)
}

/** The most names of one line. Lines that people write define a few. */
const MOST_NAMES = 20

/** The line with the name replaced by a placeholder. */
function shapeOf(line: string, name: string): string {
  return line.trim().replaceAll(name, '\0')
}

function shapesOf(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => definedIn(line).map((name) => shapeOf(line, name))))
}

function wordsLeft({ file, added }: ReadFile): readonly string[] {
  if (file.status === 'deleted') return []
  return file.bytes ? wordsIn(Buffer.from(file.bytes).toString('utf8')) : added.flatMap(wordsIn)
}

/**
 * The stem of a file in each spelling of code: `src/slow-path.ts` gives `slow-path`, `slowPath`, `SlowPath`
 * and `slow_path`.
 */
function namesOfFile(path: string): readonly string[] {
  const stem = (path.split('/').at(-1) ?? '').split('.')[0] ?? ''
  if (stem.length < 3 || /^(?:index|main|mod|lib|__init__|util|utils|types)$/i.test(stem)) return []
  const parts = stem.split(/[-_]/)
  const pascal = parts.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join('')
  return [stem, pascal, pascal.slice(0, 1).toLowerCase() + pascal.slice(1), parts.join('_')]
}

/** Captures the names that a line gives to the results of a call. */
const RESULTS =
  /^\s*(?:(?:const|let|var|val|auto|final)\s+)?([\w, ]{1,80}?)\s*:?=\s*(?:await\s+)?[\w.]{1,100}\(/
/** The most lines below a call that ask for its results. */
const ASKED_WITHIN = 3

/** Removed lines of a test without those right below a call of a gone function that mention its results. */
export function withoutResultsOfGone(
  removed: readonly string[],
  gone: ReadonlySet<string>,
): readonly string[] {
  if (gone.size === 0) return removed
  let [names, left]: [readonly string[], number] = [[], 0]
  return removed.filter((line) => {
    const results = RESULTS.exec(line)?.[1]?.match(/\w{1,60}/g)
    if (results) [names, left] = mentions(line, gone) ? [results, ASKED_WITHIN] : [[], 0]
    else if (left > 0) left -= 1
    return results !== null && results !== undefined
      ? true
      : left === 0 || !names.some((name) => wordOf(name).test(line))
  })
}

function wordOf(name: string): RegExp {
  return new RegExp(`\\b${name}\\b`)
}

const MANIFEST =
  /^(.+)\/(?:package\.json|build\.gradle(?:\.kts)?|pom\.xml|Cargo\.toml|pyproject\.toml|go\.mod|[^/]+\.[cf]sproj|composer\.json|mix\.exs|[^/]+\.gemspec)$/

/** True if the test belongs to a project whose manifest and code are deleted. */
export function isOfGoneProject(path: string, { files }: ReadChange): boolean {
  const deleted = files.filter(({ file }) => file.status === 'deleted')
  return deleted.some(({ file }) => {
    const folder = MANIFEST.exec(file.path)?.[1]
    if (folder === undefined || !path.startsWith(`${folder}/`)) return false
    return deleted.some(
      (one) => one.role === 'source' && !one.isTest && one.file.path.startsWith(`${folder}/`),
    )
  })
}
