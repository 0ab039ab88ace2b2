import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { personalEnvironment } from '../../../config.ts'
import { BackspaceError } from '../../../errors.ts'
import { githubAddressOf } from './github-address.ts'

/** A clone on this machine, and how it differs from GitHub, as far as the clone itself can tell. */
export interface LocalClone {
  /** Absolute path of its top folder. */
  readonly directory: string
  readonly remote: string
  /** `https://github.com/acme/greeter` */
  readonly repoUrl: string
  /** The branch that the clone is on; undefined for a detached HEAD. */
  readonly branch: string | undefined
  /** The branch on GitHub that the clone's branch follows; undefined if that is the default branch, or GitHub has none. */
  readonly base: string | undefined
  /** Paths that differ from the last commit, untracked files included. */
  readonly uncommitted: readonly string[]
  /** Commits that are on no branch of the remote, newest first: `3f2a91c Say hello`. */
  readonly unpushed: readonly string[]
}

export type Git = (...args: readonly string[]) => Promise<string>

/** Runs git in a clone as its owner would, with their credentials and their configuration. */
export function gitIn(directory: string, env: Readonly<Record<string, string>> = {}): Git {
  const run = promisify(execFile)
  return async (...args) => {
    const options = { env: { ...personalEnvironment(), ...env }, maxBuffer: 64 * 1024 * 1024 }
    return (await run('git', ['-C', directory, ...args], options)).stdout
  }
}

/**
 * Looks at the clone around a path. Nothing is fetched.
 *
 * @param asWritten the path as the person wrote it, for messages.
 * @param from folder that a relative path starts from.
 * @throws {BackspaceError} `bad_request` if it is not a clone of a repository on GitHub; the message says what to do.
 */
export async function readClone(asWritten: string, from: string): Promise<LocalClone> {
  const path = resolve(from, asWritten)
  if (!existsSync(path)) {
    throw wrong(`--repo ${asWritten}: there is no such folder. An address begins with https://.`)
  }
  const directory = (await lookUp(gitIn(path), 'rev-parse', '--show-toplevel'))?.trim()
  if (directory === undefined) throw wrong(`--repo ${asWritten}: that is not a clone of a git repository.`)
  const git = gitIn(directory)
  if ((await lookUp(git, 'rev-parse', '--verify', 'HEAD')) === undefined) {
    throw wrong(`--repo ${asWritten}: the repository has no commit yet. Commit and push something first.`)
  }
  const branch = await lookUp(git, 'symbolic-ref', '--short', '-q', 'HEAD')
  const remote = await remoteOf(git, branch)
  const address = remote && (await lookUp(git, 'remote', 'get-url', remote))
  const repoUrl = address && githubAddressOf(address)
  if (!remote || !repoUrl) {
    const what = address
      ? `its remote ${remote} is ${withoutLogin(address)}, which is not a repository on GitHub`
      : 'it has no remote'
    throw wrong(
      `--repo ${asWritten}: ${what}. Backspace works on GitHub: push it there, or name the repository, --repo https://github.com/owner/name. To try it on a copy on this machine: npm run demo -- --repo ${asWritten} --prompt "…"`,
    )
  }
  const status = await git('status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames')
  const log = await git('log', '-n', '100', '--format=%h %s', 'HEAD', '--not', `--remotes=${remote}`)
  return {
    directory,
    remote,
    repoUrl,
    branch,
    base: await baseOf(git, { remote, branch }),
    uncommitted: status
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => entry.slice(3)),
    unpushed: log.split('\n').filter((line) => line !== ''),
  }
}

/** The remote of the clone's branch, else `origin`, else the only remote. */
async function remoteOf(git: Git, branch: string | undefined): Promise<string | undefined> {
  const remotes = ((await lookUp(git, 'remote')) ?? '').split('\n').filter((name) => name !== '')
  const ofBranch = branch && (await lookUp(git, 'config', '--get', `branch.${branch}.remote`))
  return [ofBranch, 'origin', remotes[0]].find((name) => name !== undefined && remotes.includes(name))
}

async function baseOf(
  git: Git,
  { remote, branch }: { readonly remote: string; readonly branch: string | undefined },
): Promise<string | undefined> {
  if (branch === undefined) return undefined
  const start = `refs/remotes/${remote}/`
  const upstream = await lookUp(git, 'rev-parse', '--symbolic-full-name', '@{upstream}')
  const ref = upstream?.startsWith(start) ? upstream : `${start}${branch}`
  if ((await lookUp(git, 'rev-parse', '--verify', '-q', ref)) === undefined) return undefined
  const isDefault = (await lookUp(git, 'symbolic-ref', '-q', `${start}HEAD`)) === ref
  return isDefault ? undefined : ref.slice(start.length)
}

/** The trimmed output of git; undefined if git fails. */
async function lookUp(git: Git, ...args: readonly string[]): Promise<string | undefined> {
  return git(...args).then(
    (text) => text.trim(),
    () => undefined,
  )
}

function withoutLogin(address: string): string {
  return address.replace(/^(\w+:\/\/)[^@/]*@/, '$1')
}

function wrong(message: string): BackspaceError {
  return new BackspaceError('bad_request', message)
}
