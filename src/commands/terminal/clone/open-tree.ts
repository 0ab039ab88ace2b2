import { execFile } from 'node:child_process'
import { constants, existsSync } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { personalEnvironment } from '../../../config.ts'
import { BackspaceError } from '../../../errors.ts'
import { gitEnvironment } from '../../../pipeline/workspace/workspace.ts'
import { isRecord } from '../../../text/is-record.ts'

/** The files of a repository, for reading only: no code of it has run. */
export interface SourceTree {
  /** Name of the tree for people: `/home/ada/api at 3f2a91c`. */
  readonly title: string
  /** Id of the commit; undefined for the current files of a folder. */
  readonly commit: string | undefined
  /** Paths of regular files, relative to the root. */
  readonly files: readonly string[]
  /** Reads a file; undefined if it does not exist or is larger than 1 MiB. */
  readonly read: (path: string) => Promise<string | undefined>
}

const MAX_FILE_BYTES = 1024 * 1024
const MAX_LIST_BYTES = 256 * 1024 * 1024
/** Folders of other people's code, which is not tested here; the same as in a sandbox. */
const PRUNED = new Set('.git node_modules .venv venv .tox vendor third_party __pycache__'.split(' '))
const MOST_FILES = 100_000

/**
 * Runs git in a clone whose owner may be an attacker: its configuration cannot start a program, and nothing is fetched.
 * Use it only for commands that neither check files out nor compare them.
 */
export async function safeGit(
  directory: string,
  args: readonly string[],
  extra: readonly (readonly [string, string])[] = [],
): Promise<Buffer> {
  const { PATH, HOME, HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy, SSL_CERT_FILE } = personalEnvironment()
  const proxy = { HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy, SSL_CERT_FILE }
  const env = {
    PATH,
    HOME,
    ...proxy,
    ...gitEnvironment([['credential.helper', ''], ...extra]),
    GIT_NO_LAZY_FETCH: '1',
  }
  const options = { cwd: directory, env, maxBuffer: MAX_LIST_BYTES, encoding: 'buffer' } as const
  const call = promisify(execFile)('git', [...args], options).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' || !existsSync(directory)) throw cause
    throw new BackspaceError('config_invalid', 'git is not installed on this machine. Install it first.', {
      cause,
    })
  })
  return (await call).stdout
}

/** The top folder of the clone around `path`, or a git directory without files of its own; undefined outside a clone, and without git. */
export async function findClone(
  path: string,
): Promise<{ readonly directory: string; readonly bare: boolean } | undefined> {
  const said = await safeGit(path, ['rev-parse', '--is-bare-repository', '--absolute-git-dir']).catch(
    () => undefined,
  )
  if (said === undefined) return undefined
  const [isBare, gitDir = path] = said.toString().trim().split('\n')
  if (isBare === 'true') return { directory: gitDir, bare: true }
  const top = await safeGit(path, ['rev-parse', '--show-toplevel']).catch(() => undefined)
  // Without one, it is the `.git` of a clone.
  return top === undefined
    ? { directory: gitDir, bare: true }
    : { directory: top.toString().replace(/\n$/, ''), bare: false }
}

/** @throws {BackspaceError} `bad_request` if it is not allowed to this user. */
function requireReadable(error: unknown, path: string): void {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EACCES' && code !== 'EPERM') return
  throw new BackspaceError('bad_request', `${path} may not be read by this user, so there is no plan.`)
}

/**
 * Opens the tree of a commit.
 *
 * @param ref branch, tag or commit.
 * @throws {BackspaceError} `base_not_found` if the clone has no such commit, `repository_empty` if it has none at all.
 */
export async function openCommit(directory: string, ref: string, name: string): Promise<SourceTree> {
  const wanted = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  const commit = (await safeGit(directory, wanted).catch(() => undefined))?.toString().trim()
  if (!commit) {
    throw ref === 'HEAD'
      ? new BackspaceError('repository_empty', `${name} has no commit yet. Commit something first.`)
      : new BackspaceError(
          'base_not_found',
          `${name} has no branch, tag or commit ${ref}. If its remote has one, fetch it first.`,
        )
  }
  const listed = await safeGit(directory, ['ls-tree', '-r', '-l', '-z', '--full-tree', commit])
  const blobs = new Map<string, { readonly sha: string; readonly size: number }>()
  for (const line of listed.toString().split('\0')) {
    const [facts = '', path = ''] = split(line, '\t')
    const [mode = '', , sha = '', size = ''] = facts.split(/ +/)
    if (mode.startsWith('100') && path !== '') blobs.set(path, { sha, size: Number(size) })
  }
  return {
    title: `${name} at ${commit.slice(0, 7)}`,
    commit,
    files: [...blobs.keys()],
    async read(path) {
      const blob = blobs.get(path)
      if (blob === undefined || blob.size > MAX_FILE_BYTES) return undefined
      // A partial clone may lack the file.
      const bytes = await safeGit(directory, ['cat-file', 'blob', blob.sha]).catch(() => undefined)
      return bytes && new TextDecoder().decode(bytes)
    },
  }
}

function split(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + mark.length)]
}

/**
 * Opens the current files of a folder: those that git would add, or all files outside a clone.
 *
 * @throws {BackspaceError} `bad_request` for files that this user may not read, here or by `read`, and for a clone that git cannot read.
 */
export async function openFolder(directory: string, isClone: boolean): Promise<SourceTree> {
  const list = isClone ? listOfGit : walk
  const top = await realpath(directory)
  const files: string[] = []
  for (const path of await list(top)) {
    const found = await lstat(join(top, path)).catch(() => undefined)
    if (found?.isFile()) files.push(path)
  }
  const known = new Set(files)
  return {
    title: isClone ? `${directory}, as its files are now` : directory,
    commit: undefined,
    files,
    read: async (path) => (known.has(path) ? readInside(top, path) : undefined),
  }
}

async function listOfGit(top: string): Promise<readonly string[]> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  const listed = await safeGit(top, args).catch((error: unknown) => {
    const said = isRecord(error) ? String(error.stderr).trim().split('\n').at(-1) : ''
    throw new BackspaceError(
      'bad_request',
      `Git cannot list the files of ${top}: ${said || 'no reason given'}.`,
    )
  })
  return listed.toString().split('\0').filter(isOurs).slice(0, MOST_FILES)
}

function isOurs(path: string): boolean {
  return path !== '' && !path.split('/').some((part) => PRUNED.has(part))
}

async function walk(top: string): Promise<readonly string[]> {
  const found: string[] = []
  const folders = ['']
  for (
    let folder = folders.shift();
    folder !== undefined && found.length < MOST_FILES;
    folder = folders.shift()
  ) {
    const entries = await readdir(join(top, folder), { withFileTypes: true }).catch((error: unknown) => {
      requireReadable(error, join(top, folder))
      return []
    })
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) found.push(path)
      else if (entry.isDirectory() && !PRUNED.has(entry.name)) folders.push(path)
    }
  }
  return found
}

/** Reads a file only if it really lies in `top`, because a folder of a clone may be a link to somewhere else. */
async function readInside(top: string, path: string): Promise<string | undefined> {
  const real = await realpath(join(top, path)).catch(() => undefined)
  if (real === undefined || !real.startsWith(top + sep)) return undefined
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) =>
    requireReadable(error, real),
  )
  if (handle === undefined) return undefined
  try {
    if ((await handle.stat()).size > MAX_FILE_BYTES) return undefined
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}
