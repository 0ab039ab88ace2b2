/** A part of the request that may occur in the code. */
export interface SearchTerm {
  readonly text: string
  readonly kind: 'identifier' | 'error' | 'word'
}

/** The terms and files that a request names. */
export interface NamedThings {
  readonly terms: readonly SearchTerm[]
  /** Tracked files that the text names, each with the line number that it names; in order of appearance. */
  readonly files: readonly { readonly path: string; readonly line: number | undefined }[]
}

const MAX_PER_KIND = { identifier: 8, error: 4, word: 8 } as const
const MAX_FILES = 8
const MAX_TEXT = 20_000

/** Extracts search terms and files from a request, deterministically and without understanding it, in order of appearance. */
export function findNamedThings(text: string, files: readonly string[]): NamedThings {
  const source = text.slice(0, MAX_TEXT)
  const find = createFinder(files)
  const named = namedFiles(source, find)
  const rest = source
    .replaceAll(PATH, (path) => (find(bareName(path)).length > 0 ? ' ' : path))
    .replaceAll(/https?:\/\/\S+/g, ' ')
  const errors = errorTexts(rest)
  const identifiers = identifiersIn(rest)
  const taken = new Set([...errors, ...identifiers].map((term) => term.toLowerCase()))
  const words = wordsIn(rest).filter((word) => !taken.has(word))
  return {
    files: named,
    terms: [...toTerms('identifier', identifiers), ...toTerms('error', errors), ...toTerms('word', words)],
  }
}

function toTerms(kind: SearchTerm['kind'], texts: readonly string[]): SearchTerm[] {
  return [...new Set(texts)].slice(0, MAX_PER_KIND[kind]).map((text) => ({ text, kind }))
}

/** Matches `src/a.ts`, `a.ts:12`, `./lib/b.py`. A letter must follow the dot, which excludes `e.g.` and `1.5`. */
const PATH = /(?<![\w@+-])(?:[\w@.+-]{1,80}\/){0,20}[\w@+-][\w@.+-]{0,80}\.[A-Za-z]\w{0,7}(?::(\d+))?/g

function namedFiles(text: string, find: Finder): NamedThings['files'] {
  const found = new Map<string, number | undefined>()
  for (const match of text.matchAll(PATH)) {
    const line = match[1] === undefined ? undefined : Number(match[1])
    for (const path of find(bareName(match[0]))) {
      if (found.get(path) === undefined) found.set(path, line)
    }
  }
  return [...found].slice(0, MAX_FILES).map(([path, line]) => ({ path, line }))
}

/** The path without a line number and without leading `./` or `../`. */
function bareName(path: string): string {
  return path.replace(/:\d+$/, '').replace(/^(?:\.{1,2}\/)+/, '')
}

/** Finds the files that a name may mean. */
type Finder = (name: string) => readonly string[]

/** The most names that are looked up, since a text may have thousands, and so may the repository of one name. */
const MAX_NAMES = 200

function createFinder(files: readonly string[]): Finder {
  const byName = Map.groupBy(files, nameOf)
  const known = new Map<string, readonly string[]>()
  return (name) => {
    if (!known.has(name) && known.size < MAX_NAMES) {
      known.set(name, candidates(name, byName.get(nameOf(name)) ?? []))
    }
    return known.get(name) ?? []
  }
}

/** The file itself, or files with the same end: people omit directories, and stack traces have some in front. */
function candidates(name: string, files: readonly string[]): readonly string[] {
  const exact = files.filter((file) => file === name)
  if (exact.length > 0) return exact
  const longer = files.filter((file) => file.endsWith(`/${name}`))
  if (longer.length > 0) return longer.length <= 3 ? longer : []
  return files.filter((file) => file.includes('/') && name.endsWith(`/${file}`)).slice(0, 1)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function errorTexts(text: string): string[] {
  const raised = [...text.matchAll(/\b\w*(?:Error|Exception|Warning|panic)\b:? *([^\n`]{8,200})/g)]
  const quoted = [...text.matchAll(/["“]([^"”\n]{6,80})["”]/g)]
  return [...raised, ...quoted].flatMap(([, found]) => longestFixedPart(found ?? '') ?? [])
}

/** The longest part of a message without numbers and quoted names, which differ between the code and its output. */
function longestFixedPart(text: string): string | undefined {
  const parts = text
    .split(/'[^']*'|"[^"]*"|\d+|[<>{}%$]/)
    .map((part) => part.replace(/^[\s:,.()]+|[\s:,.()]+$/g, ''))
  const longest = parts.reduce((a, b) => (b.length > a.length ? b : a), '')
  return longest.length >= 6 ? longest : undefined
}

function identifiersIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\n]{2,80})`/g)].flatMap(([, code]) => nameIn(code ?? '') ?? [])
  const shaped = text.match(
    /\b(?:[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|[A-Za-z]\w*_\w+|[A-Za-z]\w{2,}(?=\(\)))\b/g,
  )
  return [...quoted, ...(shaped ?? [])].filter((name) => name.length >= 3)
}

/** The name in a code span: `parse` for `parse(input)` and `Date.parse`, `dry-run` for `--dry-run`; undefined for a command. */
function nameIn(code: string): string | undefined {
  const call = /^[\w.$]*?([A-Za-z_$][\w$]*)\s*\(/.exec(code)?.[1]
  if (call) return call
  if (/\s/.test(code.trim())) return undefined
  return /([A-Za-z_][\w-]*)$/.exec(code.trim())?.[1]
}

/** The words of a text without their endings, so that "crashes" finds `crash`. */
function wordsIn(text: string): string[] {
  const words = text.toLowerCase().match(/\b[a-z]{4,24}\b/g) ?? []
  return [...new Set(words.filter((word) => !COMMON.has(word)).map(stem))].filter((word) => word.length >= 4)
}

function stem(word: string): string {
  for (const ending of ['ing', 'ed', 'es', 's']) {
    if (word.endsWith(ending) && word.length - ending.length >= 4) return word.slice(0, -ending.length)
  }
  return word
}

const COMMON = new Set(
  `about above actual actually after again against also although always another anything around because been
   before behave behaviour behavior being below better between both broken bugs cannot change changed changes
   check code correct could currently describe description does doesn doing done down during each either else
   environment error even every example expect expected explain fails failing fail feature file files find first
   fixed fixes following from function gets give gives given have having help here hello however instead into
   issue just keep like line lines look looks make makes many maybe method might more most must need
   needs never nice nothing only open other over please possible probably problem project pull repo repository
   request result return returns right same screenshot seems should show shows since some something steps still
   such sure support take takes test tests than thank thanks that their them then there these they thing this
   those through time today under update using used user users value version very want wants well were what
   when where whether which while will with within without work working works would wrong write your`
    .split(/\s+/)
    .filter(Boolean),
)
