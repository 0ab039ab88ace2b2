import { execFile } from 'node:child_process'
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackspaceError, knownError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { retry } from '../../time/pause.ts'
import { type Base, gitCredential, gitEnvironment, runInSandbox, workspacePaths } from './workspace.ts'

interface UploadWorkspaceRequest {
  readonly sandbox: Sandbox
  readonly access: RepositoryAccess
  readonly base: Base
  readonly webUrl: string
  readonly signal: AbortSignal
  readonly onSecret: (secret: string) => void
  readonly hostEnvironment: HostEnvironment
}

const PART_BYTES = 4 * 1024 * 1024
const MAX_PACK_BYTES = 1024 ** 3

const UNPACK = `set -eu
rm -rf "$G"
mkdir -p "$G"
git init --quiet --bare --template= "$G"
if [ -s "$INCOMING/shallow" ]; then cp "$INCOMING/shallow" "$G/shallow"; fi
cat "$INCOMING"/part.* | git --git-dir="$G" index-pack --stdin >/dev/null
rm -rf "$INCOMING"
`

/**
 * The host fetches the commit and uploads it, for sandboxes that cannot reach GitHub and for credentials that
 * must not come near one. On the host it is a pack in a private directory, never files: no checkout, hooks,
 * submodules or LFS.
 *
 * @throws {BackspaceError} `clone_failed`
 */
export async function uploadWorkspace(request: UploadWorkspaceRequest): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-'))
  try {
    await fetchPack(directory, request)
    await uploadPack(directory, request)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function fetchPack(directory: string, request: UploadWorkspaceRequest): Promise<void> {
  const { access, base, webUrl, signal, onSecret, hostEnvironment } = request
  const { owner, name } = access.repository
  const minted = await access.mintToken('read', { signal })
  onSecret(minted.token)
  const [setting, basic] = gitCredential(webUrl, minted.token)
  onSecret(basic)
  const options = {
    cwd: directory,
    signal,
    env: { ...hostEnvironment, ...gitEnvironment([setting]), HOME: directory },
    failure: `${owner}/${name} could not be fetched at ${base.sha.slice(0, 7)}.`,
  }
  try {
    await runHostGit(['init', '--quiet', '--bare', '--template=', '.'], options)
    const url = `${webUrl}/${owner}/${name}.git`
    await fetchPatiently(['fetch', '--quiet', '--depth=1', '--no-tags', url, base.sha], options)
  } finally {
    await minted.revoke()
  }
}

/** GitHub may be away for a minute, as for any other request. */
const FETCH_WAITS_MS = [1_000, 5_000, 20_000, 60_000]
/** So often a refusal is not believed; see `LASTING_FAILURE`. */
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

async function uploadPack(directory: string, { sandbox, signal }: UploadWorkspaceRequest): Promise<void> {
  const packs = (await readdir(join(directory, 'objects', 'pack'))).filter((file) => file.endsWith('.pack'))
  const pack = join(directory, 'objects', 'pack', packs[0] ?? '')
  if (packs.length !== 1) throw new BackspaceError('clone_failed', 'The repository came without a pack.')
  const { size } = await stat(pack)
  if (size > MAX_PACK_BYTES) {
    throw new BackspaceError(
      'clone_failed',
      'The repository is larger than 1 GiB, too large to upload into this sandbox. Use E2B with the GitHub App, which clones by itself.',
    )
  }
  const { gitDir } = workspacePaths(sandbox.home)
  const incoming = `${gitDir}.incoming`
  const shallow = await readFile(join(directory, 'shallow')).catch(() => new Uint8Array())
  await sandbox.writeFile(`${incoming}/shallow`, shallow)
  for await (const [index, part] of readParts(pack, size)) {
    signal.throwIfAborted()
    await sandbox.writeFile(`${incoming}/part.${String(index).padStart(5, '0')}`, part)
  }
  await runInSandbox(sandbox, UNPACK, {
    signal,
    timeoutMs: 300_000,
    env: { ...gitEnvironment(), G: gitDir, INCOMING: incoming },
    code: 'clone_failed',
    failure: 'The repository could not be unpacked in the sandbox.',
  })
}

async function* readParts(path: string, size: number): AsyncGenerator<[number, Uint8Array]> {
  const file = await open(path)
  try {
    for (let index = 0, left = size; left > 0; index++) {
      // No larger than what is left: most packs are far smaller than a part, and many runs upload at once.
      const buffer = new Uint8Array(Math.min(PART_BYTES, left))
      const { bytesRead } = await file.read(buffer)
      if (bytesRead === 0) return
      left -= bytesRead
      yield [index, buffer.subarray(0, bytesRead)]
    }
  } finally {
    await file.close()
  }
}

/**
 * What a program on the host needs to run and to reach GitHub, and nothing else: `PATH`, and where they are set
 * the proxy and certificate variables. Never the process's own environment, which holds the keys.
 */
export type HostEnvironment = Readonly<Record<string, string>>

/** Enough on most machines. */
export const PLAIN_HOST_ENVIRONMENT: HostEnvironment = {
  PATH: '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin',
}

interface HostGitOptions {
  readonly cwd: string
  readonly env: HostEnvironment
  readonly signal: AbortSignal
  /** What could not be done, for people. */
  readonly failure: string
}

/**
 * Runs git on the host. Only ever on a directory that this process made, with data straight from GitHub; never on
 * anything that a sandbox wrote.
 *
 * @throws {BackspaceError} `clone_failed`, whose fact `lasting` is false when it may well work in a moment; `signal.reason` when it was aborted.
 */
async function runHostGit(args: readonly string[], options: HostGitOptions): Promise<void> {
  const { cwd, env, signal, failure } = options
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    execFile(
      'git',
      [...args],
      { cwd, env, signal, timeout: 600_000, killSignal: 'SIGKILL' },
      (error, _out, stderr) => {
        if (!error) return resolve()
        if (signal.aborted) return reject(signal.reason)
        const lasting = error.code === 'ENOENT' || LASTING_FAILURE.test(stderr)
        const facts = { code: error.code, stderr: stderr.slice(-4000), lasting }
        reject(new BackspaceError('clone_failed', `${failure} ${adviceFor(error.code, stderr)}`, { facts }))
      },
    )
  })
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
  return 'Try again; tell whoever runs Backspace if it lasts.'
}

/**
 * What git says when trying again would bring the same: a refused credential, a commit that is gone. Anything else
 * may be a GitHub that is away for a moment. It is believed when it is said for the third time, some seconds later: a
 * token that was minted just now, or a commit that was pushed just now, is not known everywhere in GitHub at once. POSIX extended syntax too, since the sandbox's grep reads it.
 */
export const LASTING_FAILURE =
  /authentication failed|could not read username|error: 40[134]|not our ref|couldn't find remote ref/i
