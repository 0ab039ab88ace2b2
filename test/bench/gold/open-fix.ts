import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseRawChanges, type RawChange } from '../../../src/pipeline/collect/raw-changes.ts'

/** A fix that people made and merged, with its tests. */
export interface GoldFix {
  readonly language: string
  /** `owner/name`. */
  readonly repository: string
  /** The commit before it. */
  readonly base: string
  readonly fix: string
}

/** What the fix did to one file. */
export interface GoldChange extends Pick<RawChange, 'path' | 'previousPath' | 'oldMode' | 'newMode'> {
  /** Null for a file that is new. */
  readonly before: Buffer | null
  /** Null for a file that goes. */
  readonly after: Buffer | null
}

/** A fix whose commits are at hand. */
export interface OpenFix extends GoldFix, AsyncDisposable {
  /** A bare repository with the history of the base, and nothing of what came later. */
  readonly directory: string
  readonly branch: string
  /** Git's id of the tree that people merged. */
  readonly tree: string
  readonly files: ReadonlyMap<string, string>
  readonly subject: string
  readonly changes: readonly GoldChange[]
}

const MOST_FILES = 1_000
const MOST_BYTES = 1024 ** 3
const run = promisify(execFile)

/** @throws {Error} if the clone lacks what is needed of it. */
export async function openFix(fix: GoldFix, mirror: string): Promise<OpenFix> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-gold-'))
  const close = () => rm(directory, { recursive: true, force: true })
  try {
    const branch = gitText(mirror, ['symbolic-ref', '--short', 'HEAD'])
    await run('git', ['init', '--quiet', '--bare', `--initial-branch=${branch}`, directory])
    await fetchHistory(directory, `${fix.base}:refs/heads/${branch}`, mirror)
    const tree = gitText(mirror, ['rev-parse', `${fix.fix}^{tree}`])
    return {
      ...fix,
      directory,
      branch,
      tree,
      files: listTree(mirror, tree),
      subject: gitText(mirror, ['show', '-s', '--format=%s', fix.fix]),
      changes: readChanges(fix, mirror),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Tags of the base come with it: versions are made of them. A clone may lack large files of the past. */
async function fetchHistory(directory: string, what: string, mirror: string): Promise<void> {
  const failures: unknown[] = []
  for (const depth of [[], ['--depth=50'], ['--depth=1']]) {
    const fetched = await run(
      'git',
      ['-C', directory, 'fetch', '--quiet', ...depth, `file://${mirror}`, what],
      {
        maxBuffer: MOST_BYTES,
      },
    ).catch((error: unknown) => void failures.push(error))
    if (fetched !== undefined) return
  }
  throw failures.at(-1)
}

/** Every file of a tree: its path, and its mode and git's id. */
export function listTree(directory: string, tree: string): ReadonlyMap<string, string> {
  const lines = git(directory, ['ls-tree', '-r', '-z', tree]).toString().split('\0')
  return new Map(
    lines.filter(Boolean).map((line) => {
      const [entry = '', path = ''] = line.split('\t')
      return [path, entry]
    }),
  )
}

function readChanges({ base, fix }: GoldFix, mirror: string): readonly GoldChange[] {
  const raw = git(mirror, ['diff-tree', '-r', '-M', '--raw', '--no-abbrev', '-z', base, fix])
  const bytesOf = (sha: string) => (/^0+$/.test(sha) ? null : git(mirror, ['cat-file', 'blob', sha]))
  return parseRawChanges(raw, MOST_FILES).map(({ path, previousPath, oldMode, newMode, oldSha, newSha }) => ({
    path,
    previousPath,
    oldMode,
    newMode,
    before: bytesOf(oldSha),
    after: bytesOf(newSha),
  }))
}

function gitText(directory: string, args: readonly string[]): string {
  return git(directory, args).toString().trim()
}

function git(directory: string, args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('git', ['-C', directory, ...args], { maxBuffer: MOST_BYTES })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout
}
