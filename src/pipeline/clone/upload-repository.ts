import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackspaceError, knownError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Spawner } from '../../processes/spawner.ts'
import { retry } from '../../time/pause.ts'
import type { IncomingPack } from '../workspace/build-workspace.ts'
import { type Base, gitCredential, gitEnvironment, type Workspace } from '../workspace/workspace.ts'
import { historyFetches } from './history-fetches.ts'
import { type HostEnvironment, type HostGitOptions, PLAIN_HOST_ENVIRONMENT, runHostGit } from './host-git.ts'
import type { KeptPacks } from './kept-packs.ts'

interface UploadRequest {
  readonly access: RepositoryAccess
  readonly webUrl: string
  readonly signal: AbortSignal
  readonly spawner: Spawner
  readonly hostEnvironment?: HostEnvironment | undefined
  readonly packs: KeptPacks
}

const PART_BYTES = 4 * 1024 * 1024
const MAX_PACK_BYTES = 1024 ** 3

/** Parts on their way at the same time. */
const AT_ONCE = 4

/**
 * The host fetches the commit, once for all sandboxes of the run, and uploads it. On the host it is packs in a private
 * directory, never files: no work tree, hooks, submodules or LFS.
 *
 * @returns the packs in the sandbox, which `buildWorkspace` unpacks.
 * @throws {BackspaceError} `clone_failed`
 */
export async function uploadRepository(workspace: Workspace, request: UploadRequest): Promise<IncomingPack> {
  const { access, packs, signal } = request
  const { base } = workspace
  const fetched = {
    id: JSON.stringify([access.repository.id, base.sha, base.history]),
    fetch: (directory: string) => fetchPacks(directory, base, request),
  }
  return packs.use(fetched, (directory) => uploadPacks(directory, workspace, signal))
}

/** @returns the bytes of its packs. */
async function fetchPacks(directory: string, base: Base, request: UploadRequest): Promise<number> {
  const { access, webUrl, signal, spawner, hostEnvironment = PLAIN_HOST_ENVIRONMENT } = request
  const { owner, name } = access.repository
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
    // Builds that need tags say so; without them the rest works.
    await runHostGit(graph, options).catch(() => signal.throwIfAborted())
    await forgetPromises(directory)
  }
  await runHostGit(['pack-refs', '--all'], options)
  return (await findPacks(directory)).reduce((sum, { size }) => sum + size, 0)
}

/** @param tagUsers one prints something if the build reads tags; none: it does. */
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

/** Without files, git takes a repository for one whose objects it can fetch later. */
async function forgetPromises(directory: string): Promise<void> {
  await writeFile(join(directory, 'config'), CONFIG)
  const packs = join(directory, 'objects', 'pack')
  const promises = (await readdir(packs)).filter((file) => file.endsWith('.promisor'))
  for (const file of promises) await rm(join(packs, file))
}

interface FoundPack {
  readonly path: string
  /** In bytes. */
  readonly size: number
}

/** @throws {BackspaceError} `clone_failed` */
async function findPacks(directory: string): Promise<readonly FoundPack[]> {
  const folder = join(directory, 'objects', 'pack')
  const names = (await readdir(folder)).filter((file) => file.endsWith('.pack'))
  if (names.length === 0) throw new BackspaceError('clone_failed', 'The repository came without a pack.')
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

/** What `git init --bare` makes: to start a process out of a large one takes many times as long. */
async function makeGitDirectory(directory: string): Promise<void> {
  for (const name of ['objects', 'refs']) await mkdir(join(directory, name))
  await writeFile(join(directory, 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(directory, 'config'), CONFIG)
}

/** GitHub may be down for a minute. */
const FETCH_WAITS_MS = [1_000, 5_000, 20_000, 60_000]
/** How many refusals may be a mistake; see `LASTING_FAILURE`. */
const DOUBTED = 2

async function fetchPatiently(args: readonly string[], options: HostGitOptions): Promise<void> {
  await retry(() => runHostGit(args, options), {
    waitsMs: FETCH_WAITS_MS,
    signal: options.signal,
    mayPass: (error, failures) => {
      const known = knownError(error)
      return known !== undefined && (failures <= DOUBTED || known.facts.lasting === false)
    },
  })
}

async function uploadPacks(
  directory: string,
  { sandbox, gitDir }: Workspace,
  signal: AbortSignal,
): Promise<IncomingPack> {
  const packs = await findPacks(directory)
  // Not to be guessed: setup of an earlier run may have left anything in a sandbox that the cache kept.
  const incoming = `${gitDir}.${randomUUID()}`
  const readText = (name: string) => readFile(join(directory, name), 'utf8').catch(() => '')
  const [shallow, refs] = await Promise.all([readText('shallow'), readText('packed-refs')])
  const parts = packs.flatMap((pack, number) =>
    Array.from({ length: Math.ceil(pack.size / PART_BYTES) }, (_, index) => ({ pack, number, index })),
  )
  async function sendParts(): Promise<void> {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      signal.throwIfAborted()
      const { pack, number, index } = part
      const bytes = await readPart(pack, index)
      const name = `${number}.${String(index).padStart(5, '0')}`
      await sandbox.writeFile(`${incoming}/${name}`, bytes, { signal, isNew: true })
    }
  }
  await Promise.all([
    ...Array.from({ length: AT_ONCE }, sendParts),
    refs !== '' && sandbox.writeFile(`${incoming}/refs`, Buffer.from(refs), { signal, isNew: true }),
  ])
  return { directory: incoming, shallow }
}

async function readPart({ path, size }: FoundPack, index: number): Promise<Uint8Array> {
  // No larger than the rest: most packs are far smaller than a part, and many runs upload at the same time.
  const part = new Uint8Array(Math.min(PART_BYTES, size - index * PART_BYTES))
  await using file = await open(path)
  await file.read(part, 0, part.length, index * PART_BYTES)
  return part
}
