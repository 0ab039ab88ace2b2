import { posix } from 'node:path'
import type { SearchTerm } from './search-terms.ts'
import type { ToolUser } from './tool-user.ts'

/** A line of the repository in which words of the request occur. */
interface SearchHit {
  readonly path: string
  readonly line: number
  readonly text: string
  readonly terms: readonly string[]
  readonly score: number
}

/** Lines by relevance, best first, and files by the total relevance of their lines. */
export interface RankedHits {
  readonly hits: readonly SearchHit[]
  readonly files: readonly {
    readonly path: string
    readonly terms: readonly string[]
    readonly score: number
  }[]
}

const WEIGHT = { identifier: 4, error: 5, word: 1 } as const
const PER_TERM = 100
/** The weight of a term that has more hits than are read. */
const EVERYWHERE = 0.2
const PER_FILE = 3
const SHOWN = 10

/** Files that are skipped: lock files, bundles and snapshots repeat everything and explain nothing. */
const NOISE =
  /(?:^|\/)(?:package-lock\.json|[^/]*\.lock|[^/]*\.min\.\w+|[^/]*\.(?:snap|map|svg)|pnpm-lock\.yaml|go\.sum)$/

/**
 * Searches for every term and ranks the hits: rare terms count more than frequent ones, a definition more than a use,
 * code more than prose, and a line with several terms more than a line with one.
 *
 * @param named files that the request names; hits in them count twice.
 */
export async function searchHits(
  terms: readonly SearchTerm[],
  {
    tools,
    fileCount,
    named,
  }: { readonly tools: ToolUser; readonly fileCount: number; readonly named: ReadonlySet<string> },
): Promise<RankedHits> {
  const lines = new Map<string, SearchHit>()
  for (const term of terms) {
    const found = await search(term, tools)
    const spread = new Set(found.map(({ path }) => path)).size
    const rarity =
      found.length < PER_TERM ? Math.log(1 + Math.max(fileCount, spread) / Math.max(1, spread)) : EVERYWHERE
    for (const { path, line, text } of found.filter((hit) => !NOISE.test(hit.path))) {
      const key = `${path}:${line}`
      const before = lines.get(key) ?? { path, line, text, terms: [], score: 0 }
      const boost = defines(term.text, text) ? 2 : 1
      const score =
        before.score + WEIGHT[term.kind] * rarity * boost * worth(path) * (named.has(path) ? 2 : 1)
      lines.set(key, { ...before, terms: [...before.terms, term.text], score })
    }
  }
  const ranked = [...lines.values()].sort(
    (a, b) => b.score - a.score || a.path.localeCompare(b.path, 'en') || a.line - b.line,
  )
  return { hits: atMostPerFile(ranked).slice(0, SHOWN), files: rankFiles(ranked) }
}

async function search(
  { text, kind }: SearchTerm,
  tools: ToolUser,
): Promise<Pick<SearchHit, 'path' | 'line' | 'text'>[]> {
  const literal = text.replaceAll(/[.[\]{}()*+?^$|\\]/g, '\\$&')
  const pattern = kind === 'identifier' && /^\w+$/.test(text) ? `\\b${literal}\\b` : literal
  const answer = await tools.use('grep', { pattern, ignore_case: kind !== 'identifier', limit: PER_TERM })
  if (answer.part.status !== 'ok') return []
  return answer.part.text.split('\n').flatMap((found) => {
    const match = /^(.+?):(\d+):(.*)$/.exec(found)
    if (!match?.[1]) return []
    return [{ path: match[1], line: Number(match[2]), text: (match[3] ?? '').trim() }]
  })
}

function defines(name: string, line: string): boolean {
  const literal = name.replaceAll(/[^\w]/g, '\\$&')
  const keywords =
    'function|class|def|const|let|var|interface|type|struct|enum|fn|func|trait|module|record|object'
  return new RegExp(`\\b(?:${keywords})\\s+(?:\\([^)]*\\)\\s*)?${literal}\\b`).test(line)
}

function worth(path: string): number {
  if (/\.(?:md|mdx|rst|txt|adoc)$/i.test(path) || posix.basename(path).startsWith('CHANGELOG')) return 0.4
  return isTest(path) ? 0.7 : 1
}

/** Whether a path is a test, by the names that test runners look for. */
export function isTest(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|specs?)\/|[._-](?:test|spec)\.\w+$|(?:^|\/)test_[^/]+\.py$|Tests?\.\w+$/.test(
    path,
  )
}

function atMostPerFile(hits: readonly SearchHit[]): SearchHit[] {
  const counts = new Map<string, number>()
  return hits.filter(({ path }) => {
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    return count <= PER_FILE
  })
}

/** Ranks files. For each term only the best line counts, so that a long file does not win by its length. */
function rankFiles(hits: readonly SearchHit[]): RankedHits['files'] {
  const files = new Map<string, { terms: Set<string>; score: number }>()
  for (const { path, terms, score } of hits) {
    const file = files.get(path) ?? { terms: new Set(), score: 0 }
    const fresh = terms.filter((term) => !file.terms.has(term)).length
    file.score += (score * fresh) / terms.length
    for (const term of terms) file.terms.add(term)
    files.set(path, file)
  }
  return [...files]
    .map(([path, { terms, score }]) => ({ path, terms: [...terms], score }))
    .sort((a, b) => b.score - a.score || a.path.localeCompare(b.path, 'en'))
}
