import type { Sandbox } from '../../sandbox/sandbox.ts'
import { createPathGlob } from '../../text/path-glob.ts'
import { shellQuote } from '../../text/shell-quote.ts'
import type { ToolUser } from './tool-user.ts'

/** Who knows some files: owners in CODEOWNERS, authors of commits, and the latest commits. */
export interface Owners {
  readonly declared: readonly string[]
  readonly authors: readonly string[]
  /** `3f2a91c 2026-01-05 Fix the parser`. */
  readonly commits: readonly string[]
}

/**
 * Reads CODEOWNERS and the history. The history of a shallow clone is not read, since its one commit would name the last
 * committer as the author of everything.
 *
 * @throws {SandboxError} when the sandbox is lost; `signal.reason` when cancelled.
 */
export async function lookUpOwners(
  paths: readonly string[],
  parts: {
    readonly sandbox: Sandbox
    readonly workspace: string
    readonly files: readonly string[]
    readonly tools: ToolUser
    readonly codeOwners: CodeOwnersReader
  },
): Promise<Owners> {
  if (paths.length === 0) return { declared: [], authors: [], commits: [] }
  return { declared: await declaredOwners(paths, parts), ...(await history(paths, parts.tools)) }
}

async function declaredOwners(
  paths: readonly string[],
  {
    sandbox,
    workspace,
    files,
    codeOwners,
  }: {
    readonly sandbox: Sandbox
    readonly workspace: string
    readonly files: readonly string[]
    readonly codeOwners: CodeOwnersReader
  },
): Promise<readonly string[]> {
  const file = CODEOWNERS_PATHS.find((path) => files.includes(path))
  if (file === undefined) return []
  const text = new TextDecoder().decode(await sandbox.readFile(`${workspace}/${file}`))
  return (await codeOwners({ text, paths })) ?? []
}

async function history(
  paths: readonly string[],
  tools: ToolUser,
): Promise<Pick<Owners, 'authors' | 'commits'>> {
  const files = paths.map(shellQuote).join(' ')
  const known = await ask(
    tools,
    'git rev-parse --is-shallow-repository && git rev-list --count --max-count=3 HEAD',
  )
  if (known[0] !== 'false' || Number(known[1]) < 2) return { authors: [], commits: [] }
  const authors = await ask(tools, `git shortlog -sn --no-merges HEAD -- ${files} | head -n 3`)
  const commits = await ask(tools, `git log -3 --no-merges --date=short --format='%h %ad %s' -- ${files}`)
  return { authors: authors.map((line) => line.replace(/^\s*\d+\s+/, '')), commits }
}

async function ask(tools: ToolUser, command: string): Promise<string[]> {
  const { detail } = await tools.use('bash', { command, timeout_s: 60 })
  if (detail.kind !== 'bash' || detail.exitCode !== 0) return []
  return detail.output.split('\n').filter((line) => line.trim() !== '')
}

/** Where GitHub looks for the file, in this order. */
const CODEOWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const

/** Returns the owners of paths according to a CODEOWNERS file; undefined if its patterns take too long. */
export type CodeOwnersReader = (query: OwnersQuery) => Promise<readonly string[] | undefined>

export interface OwnersQuery {
  readonly text: string
  readonly paths: readonly string[]
}

const MOST_OWNERS = 6
/** Characters; longer patterns are ignored. */
const MOST_PATTERN = 200

/** The owners of all paths, each once. The patterns are untrusted, so the service calls this in a thread. */
export function codeOwnersOf({ text, paths }: OwnersQuery): readonly string[] {
  return [...new Set(paths.flatMap((path) => ownersOfPath(text, path)))].slice(0, MOST_OWNERS)
}

/** The owners of one path. The last matching pattern counts, even if it names no owner. */
function ownersOfPath(text: string, path: string): readonly string[] {
  let owners: readonly string[] = []
  for (const line of text.split('\n', 3000)) {
    const [pattern, ...names] = line
      .replace(/(?:^|\s)#.*$/, '')
      .trim()
      .split(/\s+/)
    if (pattern && pattern.length <= MOST_PATTERN && fits(pattern, path)) owners = names
  }
  return owners
}

/** Whether a pattern matches, as in .gitignore: an inner slash anchors it at the root, and a directory means everything in it. */
function fits(pattern: string, path: string): boolean {
  const anchored = pattern.replace(/\/$/, '').includes('/')
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '')
  const base = anchored ? bare : `**/${bare}`
  const globs = pattern.endsWith('/*') ? [base] : [...(pattern.endsWith('/') ? [] : [base]), `${base}/**/*`]
  return globs.some((glob) => createPathGlob(glob)(path))
}
