import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackspaceError, knownError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Spawner } from '../../processes/spawner.ts'
import { retry } from '../../time/pause.ts'
import type { IncomingPack } from '../workspace/build-workspace.ts'
import { gitCredential, gitEnvironment, type Workspace } from '../workspace/workspace.ts'
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
 * The host fetches the commit, once for all sandboxes of the run, and uploads it. On the host it is a pack in a private
 * directory, never files: no work tree, hooks, submodules or LFS.
 *
 * @returns the pack in the sandbox, which `buildWorkspace` unpacks.
 * @throws {BackspaceError} `clone_failed`
 */
export async function uploadRepository(workspace: Workspace, request: UploadRequest): Promise<IncomingPack> {
  const { access, packs, signal } = request
  const { sha } = workspace.base
  const fetched = {
    id: `${access.repository.id} ${sha}`,
    fetch: (directory: string) => fetchPack(directory, sha, request),
  }
  return packs.use(fetched, (directory) => uploadPack(directory, workspace, signal))
}

/** @returns its bytes. */
async function fetchPack(directory: string, sha: string, request: UploadRequest): Promise<number> {
  const { access, webUrl, signal, spawner, hostEnvironment = PLAIN_HOST_ENVIRONMENT } = request
  const { owner, name } = access.repository
  await using minted = await access.mintToken('read')
  const credential = gitCredential(webUrl, minted.token)
  const options = {
    cwd: directory,
    signal,
    spawner,
    env: { ...hostEnvironment, ...gitEnvironment([credential]), HOME: directory },
    failure: `${owner}/${name} could not be fetched at ${sha.slice(0, 7)}.`,
  }
  await makeGitDirectory(directory)
  const url = `${webUrl}/${owner}/${name}.git`
  await fetchPatiently(['fetch', '--quiet', '--depth=1', '--no-tags', url, sha], options)
  return (await findPack(directory)).size
}

/** @throws {BackspaceError} `clone_failed` */
async function findPack(directory: string): Promise<{ readonly pack: string; readonly size: number }> {
  const packs = (await readdir(join(directory, 'objects', 'pack'))).filter((file) => file.endsWith('.pack'))
  if (packs.length !== 1) throw new BackspaceError('clone_failed', 'The repository came without a pack.')
  const pack = join(directory, 'objects', 'pack', packs[0] ?? '')
  const { size } = await stat(pack)
  if (size <= MAX_PACK_BYTES) return { pack, size }
  throw new BackspaceError(
    'clone_failed',
    'The repository is larger than 1 GiB, too large to upload into this sandbox. Use E2B with the GitHub App, which clones inside the sandbox.',
  )
}

/** What `git init --bare` makes: to start a process out of a large one takes many times as long. */
async function makeGitDirectory(directory: string): Promise<void> {
  for (const name of ['objects', 'refs']) await mkdir(join(directory, name))
  await writeFile(join(directory, 'HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
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

async function uploadPack(
  directory: string,
  { sandbox, gitDir }: Workspace,
  signal: AbortSignal,
): Promise<IncomingPack> {
  const { pack, size } = await findPack(directory)
  // Not to be guessed: setup of an earlier run may have left anything in a sandbox that the cache kept.
  const incoming = `${gitDir}.${randomUUID()}`
  const shallow = await readFile(join(directory, 'shallow'), 'utf8').catch(() => '')
  const file = await open(pack)
  let next = 0
  async function sendParts(): Promise<void> {
    for (let index = next++; index * PART_BYTES < size; index = next++) {
      signal.throwIfAborted()
      // No larger than the rest: most packs are far smaller than a part, and many runs upload at the same time.
      const part = new Uint8Array(Math.min(PART_BYTES, size - index * PART_BYTES))
      await file.read(part, 0, part.length, index * PART_BYTES)
      await sandbox.writeFile(`${incoming}/part.${String(index).padStart(5, '0')}`, part, {
        signal,
        isNew: true,
      })
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sendParts))
  } finally {
    await file.close()
  }
  return { directory: incoming, shallow }
}

/**
 * What a program on the host needs to run and to reach GitHub, and nothing else: `PATH`, and where they are set
 * the proxy and certificate variables. Never the process's own environment, which holds the keys.
 */
export type HostEnvironment = Readonly<Record<string, string>>

/** Enough on most machines. */
const PLAIN_HOST_ENVIRONMENT: HostEnvironment = {
  PATH: '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin',
}

interface HostGitOptions {
  readonly cwd: string
  readonly env: HostEnvironment
  readonly signal: AbortSignal
  readonly spawner: Spawner
  /** What could not be done, for people. */
  readonly failure: string
}

/**
 * Runs git on the host: only on a directory that this process made, with data straight from GitHub, never on anything
 * that a sandbox wrote.
 *
 * @throws {BackspaceError} `clone_failed`, whose fact `lasting` is false when another attempt may succeed; `signal.reason`
 * when it was aborted.
 */
async function runHostGit(args: readonly string[], options: HostGitOptions): Promise<void> {
  const { cwd, env, signal, spawner, failure } = options
  signal.throwIfAborted()
  const ended = await spawner
    .run({ program: 'git', args, cwd, env }, { signal, timeoutMs: GIT_MS })
    .catch((error: unknown) => ({ code: codeOf(error), stderr: '' }))
  signal.throwIfAborted()
  const { code, stderr } = ended
  if (code === 0) return
  const lasting = code === 'ENOENT' || LASTING_FAILURE.test(stderr)
  const facts = { code, stderr: stderr.slice(-4000), lasting }
  throw new BackspaceError('clone_failed', `${failure} ${adviceFor(code, stderr)}`, { facts })
}

const GIT_MS = 600_000

/** The system's code of an error: `ENOENT`. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function adviceFor(code: unknown, stderr: string): string {
  if (code === 'ENOENT') return 'git is not installed on the machine that runs Backspace: install it.'
  if (/could not resolve|failed to connect|timed out|connection re(fused|set)/i.test(stderr)) {
    return 'GitHub could not be reached: check the network and try again.'
  }
  if (/authentication failed|could not read username|403|401/i.test(stderr)) {
    return 'GitHub refused the credential: check that it may read the contents of this repository.'
  }
  if (/not our ref|couldn't find remote ref/i.test(stderr)) {
    return 'That commit is no longer there: the branch was probably rewritten. Try again.'
  }
  return 'Try again; if it keeps failing, tell the operator of Backspace.'
}

/**
 * What git says when another attempt would end the same way: a refused credential, a commit that is gone. Anything else
 * may be a short outage of GitHub. It counts from the third time on, some seconds later: not every part of GitHub
 * knows at once of a token or a commit that is new. The sandbox's grep reads it too, so it is POSIX extended syntax.
 */
export const LASTING_FAILURE =
  /authentication failed|could not read username|error: 40[134]|not our ref|couldn't find remote ref/i
