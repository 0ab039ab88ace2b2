import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackspaceError, knownError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { fullName, type RepoRef } from '../../github/repo-ref.ts'
import type { Spawner } from '../../processes/spawner.ts'
import { retry } from '../../time/pause.ts'
import { type Base, gitCredential, gitEnvironment } from '../workspace/workspace.ts'
import { historyFetches } from './history-fetches.ts'
import { type HostEnvironment, type HostGitOptions, PLAIN_HOST_ENVIRONMENT, runHostGit } from './host-git.ts'
import type { KeptPacks } from './kept-packs.ts'

export interface FetchRequest {
  readonly access: RepositoryAccess
  readonly webUrl: string
  readonly signal: AbortSignal
  readonly spawner: Spawner
  readonly hostEnvironment?: HostEnvironment | undefined
  readonly packs: KeptPacks
  /** The most bytes of all packs; a larger fetch is aborted. Without it, a fetch completes and fails above 1 GiB. */
  readonly mostBytes?: number | undefined
}

const MAX_PACK_BYTES = 1024 ** 3
const WITHOUT_FILES = '--filter=tree:0'

/**
 * Calls `work` with a private git directory of the host that holds the commits of a base. They are fetched once for all
 * sandboxes of the run, as packs only: without a work tree, hooks, submodules or LFS.
 *
 * @throws {BackspaceError} `clone_failed`
 */
export async function withFetched<T>(
  base: Base,
  request: FetchRequest,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const fetched = {
    id: JSON.stringify([request.access.repository.id, base.sha, base.history]),
    fetch: (directory: string) => fetchPacks(directory, base, request),
  }
  return request.packs.use(fetched, work)
}

/** A commit of a public repository. */
interface PublicCommit {
  readonly repository: RepoRef
  readonly sha: string
  /** Then the past of both comes, and no files. */
  readonly comparedWith?: string | undefined
}

/**
 * Like `withFetched`, for one commit of another, public repository; no credential is sent.
 *
 * @throws {BackspaceError} `clone_failed`
 */
export async function withPublicCommit<T>(
  { repository, sha, comparedWith }: PublicCommit,
  request: Omit<FetchRequest, 'access'>,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const { webUrl, spawner, hostEnvironment = PLAIN_HOST_ENVIRONMENT, mostBytes } = request
  const url = `${webUrl}/${fullName(repository)}.git`
  const fetched = {
    id: JSON.stringify([url, sha, comparedWith]),
    async fetch(directory: string) {
      using limit = limitBytes(directory, mostBytes)
      const options = {
        cwd: directory,
        signal: AbortSignal.any([request.signal, limit.signal]),
        spawner,
        env: { ...hostEnvironment, ...gitEnvironment(), HOME: directory },
        failure: `${fullName(repository)} could not be fetched at ${sha.slice(0, 7)}.`,
      }
      await makeGitDirectory(directory)
      const wanted =
        comparedWith === undefined ? ['--depth=1', url, sha] : [WITHOUT_FILES, url, sha, comparedWith]
      await fetchPatiently(['fetch', '--quiet', '--no-tags', ...wanted], options, OF_OTHERS)
      return sizeOf(directory, mostBytes)
    },
  }
  return request.packs.use(fetched, work)
}

/** @returns the bytes of the fetched packs. */
async function fetchPacks(directory: string, base: Base, request: FetchRequest): Promise<number> {
  const { access, webUrl, spawner, hostEnvironment = PLAIN_HOST_ENVIRONMENT, mostBytes } = request
  const { owner, name } = access.repository
  using limit = limitBytes(directory, mostBytes)
  const signal = AbortSignal.any([request.signal, limit.signal])
  await using minted = await access.mintToken('read')
  const credential = gitCredential(webUrl, minted.token)
  const options = {
    cwd: directory,
    signal,
    spawner,
    env: { ...hostEnvironment, ...gitEnvironment([credential]), HOME: directory },
    failure: `${owner}/${name} could not be fetched at ${base.sha.slice(0, 7)}.`,
  }
  await makeGitDirectory(directory)
  const { commits, graph, tagUsers } = historyFetches(`${webUrl}/${owner}/${name}.git`, base)
  await fetchPatiently(commits, options)
  if (graph !== undefined && (await readsTags(tagUsers, options))) {
    // The run goes on without tags: most builds work without them, and others report the missing tags themselves.
    await runHostGit(graph, options).catch(() => signal.throwIfAborted())
  }
  await forgetPromises(directory)
  await runHostGit(['pack-refs', '--all'], options)
  return sizeOf(directory, mostBytes)
}

async function sizeOf(directory: string, mostBytes: number | undefined): Promise<number> {
  const bytes = (await findPacks(directory)).reduce((sum, { size }) => sum + size, 0)
  if (mostBytes !== undefined && bytes > mostBytes) throw tooMuch(mostBytes)
  return bytes
}

/** Milliseconds between two measurements of a fetch's size. */
const LOOK_MS = 500

/** Aborts when a git directory of the host becomes too large, since git itself has no such limit. */
function limitBytes(
  directory: string,
  most = Number.POSITIVE_INFINITY,
): Disposable & { signal: AbortSignal } {
  const over = new AbortController()
  async function look(): Promise<void> {
    const folder = join(directory, 'objects', 'pack')
    const names = await readdir(folder).catch(() => [])
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    )
    if (sizes.reduce((sum, size) => sum + size, 0) > most) over.abort(tooMuch(most))
  }
  const timer = Number.isFinite(most) ? setInterval(() => void look(), LOOK_MS).unref() : undefined
  return { signal: over.signal, [Symbol.dispose]: () => clearInterval(timer) }
}

function tooMuch(most: number): BackspaceError {
  return new BackspaceError(
    'clone_failed',
    `It is more than ${Math.round(most / 1024 / 1024)} MiB, too much to fetch. Ask for fewer commits.`,
  )
}

/** @param tagUsers git commands; one prints something if the build reads tags. Without any, the answer is true. */
async function readsTags(
  tagUsers: readonly (readonly string[])[],
  options: HostGitOptions,
): Promise<boolean> {
  if (tagUsers.length === 0) return true
  for (const args of tagUsers) {
    const found = await runHostGit(args, { ...options, accept: [1] })
    if (found.trim() !== '') return true
  }
  return false
}

/** Removes git's notes that missing objects can be fetched later, which a fetch without files leaves behind. */
async function forgetPromises(directory: string): Promise<void> {
  await writeFile(join(directory, 'config'), CONFIG)
  const packs = join(directory, 'objects', 'pack')
  const promises = (await readdir(packs)).filter((file) => file.endsWith('.promisor'))
  for (const file of promises) await rm(join(packs, file))
}

export interface FoundPack {
  readonly path: string
  /** In bytes. */
  readonly size: number
}

/** @throws {BackspaceError} `clone_failed` */
export async function findPacks(directory: string): Promise<readonly FoundPack[]> {
  const folder = join(directory, 'objects', 'pack')
  const names = (await readdir(folder)).filter((file) => file.endsWith('.pack'))
  if (names.length === 0)
    throw new BackspaceError('clone_failed', 'GitHub sent no files of the repository. Try again.')
  const packs = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), size: (await stat(join(folder, name))).size })),
  )
  if (packs.reduce((sum, { size }) => sum + size, 0) <= MAX_PACK_BYTES) return packs
  throw new BackspaceError(
    'clone_failed',
    'The repository is larger than 1 GiB, too large to upload into this sandbox. Use E2B with the GitHub App, which clones inside the sandbox.',
  )
}

const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'

/** Makes the files of `git init --bare` itself, because starting a process from a large one takes many times as long. */
async function makeGitDirectory(directory: string): Promise<void> {
  for (const name of ['objects', 'refs']) await mkdir(join(directory, name))
  await writeFile(join(directory, 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(directory, 'config'), CONFIG)
}

/** Waits for the run's own repository, since GitHub may be down for a minute. `doubted`: refusals that are retried as well. */
const OWN = { waitsMs: [1_000, 5_000, 20_000, 60_000], doubted: 2 } as const
/** Waits for submodules: fewer, since the run can go on without them and no new token is involved. */
const OF_OTHERS = { waitsMs: [1_000, 5_000], doubted: 0 } as const

async function fetchPatiently(
  args: readonly string[],
  options: HostGitOptions,
  { waitsMs, doubted }: typeof OWN | typeof OF_OTHERS = OWN,
): Promise<void> {
  await retry(() => runHostGit(args, options), {
    waitsMs,
    signal: options.signal,
    mayPass: (error, failures) => {
      const known = knownError(error)
      return known !== undefined && (failures <= doubted || known.facts.lasting === false)
    },
  })
}
