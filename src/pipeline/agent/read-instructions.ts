import { posix } from 'node:path'
import type { InstructionFile } from '../../agent/agent.ts'
import type { CommitTexts } from '../../github/commit-texts.ts'
import { getCommit, getTree, type TreeListing } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'

/** Reads a repository's instructions for agents, from one commit. */
export interface InstructionReader {
  /**
   * Reads the instructions of one directory, with the files that they include.
   *
   * @param directory path from the root of the repository; `.` for the root itself.
   */
  read(directory: string): Promise<InstructionFile[]>
  /** The paths of the commit's files, as many as GitHub lists. */
  listPaths(): Promise<readonly string[]>
  /** Reads a file of the commit, or the beginning of a long one; undefined if there is no such file. */
  readFile(path: string): Promise<InstructionFile | undefined>
}

const NAMES = ['AGENTS.md', 'CLAUDE.md']
const NAMES_AT_ROOT = [...NAMES, '.github/copilot-instructions.md']
const MAX_INCLUDES = 5
const MAX_CHARACTERS = 32 * 1024

/**
 * Reads on the host, from a commit that only people with write access can have made: for a pull request its base, never
 * its own branch. The list of the commit's files is fetched once, which saves requests for missing files.
 *
 * @param from.listing the commit's files, if they are already known.
 */
export function createInstructionReader(
  access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  {
    texts,
    commit,
    listing,
  }: {
    readonly texts: Pick<CommitTexts, 'read'>
    readonly commit: string
    readonly listing?: TreeListing | undefined
  },
): InstructionReader {
  const { octokit, repository } = access
  let listed: Promise<{ readonly paths: ReadonlySet<string>; readonly truncated: boolean }> | undefined

  async function list() {
    const { entries, truncated } = listing ?? (await fetchList())
    return { paths: new Set(entries.map(({ path }) => path)), truncated }
  }

  async function fetchList(): Promise<TreeListing> {
    const { tree } = await getCommit(octokit, { repository, sha: commit })
    return getTree(octokit, { repository, tree })
  }

  async function fetch(path: string): Promise<InstructionFile | undefined> {
    listed ??= list()
    const { paths, truncated } = await listed
    if (!truncated && !paths.has(path)) return undefined
    const text = await texts.read(access, { path, ref: commit })
    return text === undefined ? undefined : { path, text: text.slice(0, MAX_CHARACTERS) }
  }

  return {
    async read(directory) {
      const names = directory === '.' ? NAMES_AT_ROOT : NAMES
      const found = await Promise.all(names.map((name) => fetch(posix.join(directory, name))))
      return dropRepeated(await withIncludes(found.filter(isFound), fetch))
    },
    async listPaths() {
      listed ??= list()
      return [...(await listed).paths]
    },
    readFile: fetch,
  }
}

/** Adds after each file the files that it includes. */
async function withIncludes(
  files: readonly InstructionFile[],
  fetch: (path: string) => Promise<InstructionFile | undefined>,
): Promise<InstructionFile[]> {
  const seen = new Set(files.map(({ path }) => path))
  let left = MAX_INCLUDES
  async function expand(file: InstructionFile): Promise<InstructionFile[]> {
    const expanded = [file]
    for (const path of includesOf(file)) {
      if (seen.has(path) || left === 0) continue
      seen.add(path)
      const included = await fetch(path)
      if (!included) continue
      left--
      expanded.push(...(await expand(included)))
    }
    return expanded
  }
  const all: InstructionFile[] = []
  for (const file of files) all.push(...(await expand(file)))
  return all
}

/** Paths that a file includes as `@path` outside of code: https://docs.anthropic.com/en/docs/claude-code/memory. */
function includesOf({ path, text }: InstructionFile): string[] {
  const prose = text.replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, '')
  return [...prose.matchAll(/(?<!\S)@([\w.][\w./-]*)/g)]
    .map(([, included = '']) => posix.join(posix.dirname(path), included.replace(/[.,]+$/, '')))
    .filter((included) => !included.startsWith('../') && !included.startsWith('.git/'))
}

/** Drops repeated texts: CLAUDE.md is often a link to AGENTS.md, or nothing but `@AGENTS.md`. */
function dropRepeated(files: readonly InstructionFile[]): InstructionFile[] {
  const seen = new Set<string>()
  return files.filter(({ text }) => {
    const said = text.trim()
    if (said === '' || /^(?:@[\w./-]+\s*)+$/.test(said) || seen.has(said)) return false
    seen.add(said)
    return true
  })
}

function isFound<T>(value: T | undefined): value is T {
  return value !== undefined
}
