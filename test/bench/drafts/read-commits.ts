import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { roleOf } from '../../../src/checks/file-roles.ts'
import type { ChangeList } from '../../../src/pipeline/collect/change-list.ts'
import { describeFiles } from '../../../src/pipeline/collect/changed-files.ts'
import { diffFile } from '../../../src/pipeline/collect/diff-file.ts'
import { parseRawChanges, type RawChange } from '../../../src/pipeline/collect/raw-changes.ts'

/** A commit that people merged. */
export interface MergedCommit {
  /** `owner/name`. */
  readonly repository: string
  readonly sha: string
  readonly subject: string
  readonly changes: ChangeList
  /** Every path of its parent. */
  readonly basePaths: ReadonlySet<string>
}

interface Mirror {
  readonly repository: string
  /** Path of the bare clone. */
  readonly git: string
}

const BOT = /\[bot\]|\bbot\b|-bot@|dependabot|renovate|github-actions|pre-commit-ci|allcontributors/i
/** Commits that are looked through for one that counts. */
const LOOKED_AT = 12
const MOST_FILES = 400
const MOST_BYTES = 10 * 1024 * 1024

/** Bare clones below a folder: `owner+name/<clone>`. */
export function findMirrors(folder: string): readonly Mirror[] {
  return readdirSync(folder)
    .filter((name) => name.includes('+') && !/\.(?:part|tar)$/.test(name))
    .sort()
    .flatMap((name) =>
      readdirSync(join(folder, name)).map((clone) => ({
        repository: name.replace('+', '/'),
        git: join(folder, name, clone),
      })),
    )
    .filter(({ git }) => runGit(git, ['rev-parse', 'HEAD']) !== undefined)
}

/** The newest commits of people that change sources or tests, without merges. */
export async function* readCommits({ repository, git }: Mirror, most: number): AsyncGenerator<MergedCommit> {
  const format = '--format=%H%x09%P%x09%an <%ae>%x09%s'
  const log = runGit(git, ['log', '--no-merges', `--max-count=${most * LOOKED_AT}`, format])
  let left = most
  for (const line of (log ?? '').toString().split('\n')) {
    if (left === 0) return
    const [sha = '', parent = '', author = '', subject = ''] = line.split('\t')
    if (parent === '' || BOT.test(author)) continue
    const raw = runGit(git, ['diff-tree', '-r', '-M', '--raw', '--no-abbrev', '-z', parent, sha])
    // The last commit of a shallow clone has no parent there.
    if (raw === undefined) continue
    const listed = parseRawChanges(raw, MOST_FILES)
    if (!listed.some(({ path }) => ['source', 'test'].includes(roleOf(path)))) continue
    const changes = await readChanges(git, listed)
    const tree = runGit(git, ['ls-tree', '-r', '--name-only', '-z', parent])
    if (changes === undefined || tree === undefined) continue
    left -= 1
    yield { repository, sha, subject, changes, basePaths: new Set(tree.toString().split('\0')) }
  }
}

/** Undefined if it is larger than what Backspace reads, or the clone lacks a file of it. */
async function readChanges(git: string, listed: readonly RawChange[]): Promise<ChangeList | undefined> {
  const wanted = listed.flatMap(({ oldMode, newMode, oldSha, newSha }) => [
    ...(hasBytes(oldMode) ? [oldSha] : []),
    ...(hasBytes(newMode) ? [newSha] : []),
  ])
  const blobs = readBlobs(git, [...new Set(wanted)])
  if (blobs === undefined) return undefined
  const sizes = new Map([...blobs].map(([sha, bytes]) => [sha, bytes.length]))
  return describeFiles(listed, { blobs, sizes, fileBytes: MOST_BYTES }, async (file) => diffFile(file)).catch(
    () => undefined,
  )
}

function hasBytes(mode: string): boolean {
  return mode !== '000000' && mode !== '160000'
}

/** Answers of `git cat-file --batch`: `<sha> blob <size>`, the bytes, and a newline. */
function readBlobs(git: string, shas: readonly string[]): ReadonlyMap<string, Uint8Array> | undefined {
  const output = runGit(git, ['cat-file', '--batch'], shas.join('\n'))
  if (output === undefined) return undefined
  const blobs = new Map<string, Uint8Array>()
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf('\n', at)
    const [sha = '', kind, size] = output.subarray(at, end).toString().split(' ')
    if (kind !== 'blob') return undefined
    const start = end + 1
    at = start + Number(size) + 1
    blobs.set(sha, output.subarray(start, at - 1))
  }
  return blobs
}

/** Undefined if git fails. */
function runGit(git: string, args: readonly string[], input = ''): Buffer | undefined {
  const { status, stdout } = spawnSync('git', ['--git-dir', git, ...args], { input, maxBuffer: 2 ** 30 })
  return status === 0 ? stdout : undefined
}
