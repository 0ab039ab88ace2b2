import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BackspaceError } from '../../../errors.ts'
import { findSecrets } from '../../../secrets/find-secrets.ts'
import { counted } from '../../../text/amounts.ts'
import { oneLine } from '../views/paint.ts'
import { type Git, gitIn, type LocalClone } from './local-clone.ts'

const MOST_NAMED = 5
const MOST_SCANNED_BYTES = 1024 * 1024

export function hasLocalChanges({ uncommitted, unpushed }: LocalClone): boolean {
  return uncommitted.length > 0 || unpushed.length > 0
}

/** Lists, in whole lines, what the clone has and GitHub does not. */
export function describeLocalChanges(clone: LocalClone): string {
  const { uncommitted, unpushed } = clone
  const parts = [
    uncommitted.length > 0 ? counted(uncommitted.length, 'uncommitted file') : '',
    unpushed.length > 0
      ? `${counted(unpushed.length, 'commit')} that ${unpushed.length === 1 ? 'is' : 'are'} not on GitHub`
      : '',
  ].filter((part) => part !== '')
  const items = [...named(uncommitted, 'file'), ...named(unpushed, 'commit')].map((line) => `      ${line}\n`)
  return `  Your clone has ${parts.join(' and ')}:\n${items.join('')}  The run will not see them.\n`
}

function named(texts: readonly string[], noun: string): string[] {
  const more = texts.length - MOST_NAMED
  const shown = texts.slice(0, MOST_NAMED).map(oneLine)
  return more > 0 ? [...shown, `and ${counted(more, `more ${noun}`)}`] : shown
}

/**
 * Pushes the state of the clone, uncommitted changes included, to a new branch of its remote. The clone's own branches,
 * index and files do not change.
 *
 * @returns the name of the branch.
 * @throws {BackspaceError} `secret_found` if a file seems to hold a secret; `push_forbidden` with git's reason.
 */
export async function pushLocalChanges(clone: LocalClone): Promise<string> {
  const { directory, remote, branch, uncommitted } = clone
  const git = gitIn(directory)
  const head = (await git('rev-parse', 'HEAD')).trim()
  const commit = uncommitted.length === 0 ? head : await commitFiles(directory, head)
  await refuseSecrets(git, { commit, remote })
  const name = `from-clone/${branch ?? 'detached'}-${commit.slice(0, 8)}`
  try {
    await git('push', '--quiet', remote, `${commit}:refs/heads/${name}`)
  } catch (cause) {
    throw new BackspaceError('push_forbidden', `git could not push to ${remote}: ${reasonOf(cause)}`, {
      cause,
    })
  }
  return name
}

/**
 * Commits all files that git does not ignore, with a separate index. No branch changes.
 *
 * @param head the parent commit.
 * @param env tells git where the repository and the files are, if not in `directory`.
 * @returns the id of the commit.
 * @throws {BackspaceError} `push_forbidden` with git's reason.
 */
export async function commitFiles(
  directory: string,
  head: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backspace-index-'))
  try {
    const git = gitIn(directory, { ...env, GIT_INDEX_FILE: join(folder, 'index') })
    await git('read-tree', head)
    await git('add', '--all')
    const tree = (await git('write-tree')).trim()
    const message = 'Changes that were not committed\n\nPushed by Backspace, so that a run can work on them.'
    return (await git('commit-tree', tree, '-p', head, '-m', message)).trim()
  } catch (cause) {
    throw new BackspaceError('push_forbidden', `git could not commit the changes: ${reasonOf(cause)}`, {
      cause,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Refuses to push secrets, because more people can read a branch on GitHub than a local folder. */
async function refuseSecrets(
  git: Git,
  { commit, remote }: { readonly commit: string; readonly remote: string },
) {
  const fresh = (await git('rev-list', '--boundary', commit, '--not', `--remotes=${remote}`)).split('\n')
  const known = fresh.find((line) => line.startsWith('-'))?.slice(1)
  const paths =
    known === undefined
      ? await git('ls-tree', '-r', '-z', '--name-only', '--full-tree', commit)
      : await git('diff', '--name-only', '-z', '--no-renames', '--diff-filter=d', known, commit)
  const found: string[] = []
  for (const path of paths.split('\0').filter((each) => each !== '')) {
    const text = await git('cat-file', 'blob', `${commit}:${path}`).catch(() => '')
    const before = known && (await git('cat-file', 'blob', `${known}:${path}`).catch(() => ''))
    const [first] = text.length > MOST_SCANNED_BYTES ? [] : findSecrets(text, { knownSecrets: [], before })
    if (first) found.push(`${oneLine(path)}, line ${first.line} (${first.name})`)
  }
  if (found.length === 0) return
  throw new BackspaceError(
    'secret_found',
    `Nothing was pushed, because this looks like a secret: ${named(found, 'file').join('; ')}. Remove it, or add the file to .gitignore.`,
  )
}

function reasonOf(cause: unknown): string {
  const { stderr } = cause as { readonly stderr?: string }
  const lines = (stderr ?? String(cause)).split('\n').filter((line) => line.trim() !== '')
  return oneLine(lines.slice(-3).join(' '))
}
