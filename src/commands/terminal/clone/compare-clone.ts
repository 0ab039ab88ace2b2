import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { BackspaceError } from '../../../errors.ts'
import { gitEnvironment } from '../../../pipeline/workspace/workspace.ts'
import type { Statement } from '../../../receipts/statement.ts'
import { counted } from '../../../text/amounts.ts'

/** What a clone on this machine says about a receipt. */
export interface CloneComparison {
  /** Sentences about what differs from the receipt; empty if nothing does. */
  readonly differences: readonly string[]
  /** Sentences about what could not be compared. */
  readonly left: readonly string[]
}

const MOST_BYTES = 512 * 1024 * 1024
const MOST_NAMED = 5

type ReadGit = (...args: readonly string[]) => Promise<Buffer>
type ReceiptFile = Statement['predicate']['files'][number]

/**
 * Compares a receipt with a clone: checks that the commit has the receipt's tree, that the tree has its files, and that
 * no other file was changed since the base. It hashes all objects again, and fetches and runs nothing.
 *
 * @param directory folder of the clone, bare or not.
 * @throws {BackspaceError} `not_found` if there is no clone, or it lacks the commit; the message says what to do.
 */
export async function compareClone(
  directory: string,
  { predicate }: Pick<Statement, 'predicate'>,
): Promise<CloneComparison> {
  const git = readerOf(directory)
  const { head, base, files } = predicate
  const commit = await git('cat-file', 'commit', head.commit).catch((cause: unknown) => {
    throw whyUnreadable(cause, { directory, commit: head.commit })
  })
  const tree = /^tree ([0-9a-f]+)\n/.exec(commit.toString('latin1'))?.[1]
  if (gitId('commit', commit, head.commit) !== head.commit || tree !== head.tree) {
    return { differences: [`The commit ${short(head.commit)} has a different tree.`], left: [] }
  }
  const listed = parseTree(await git('ls-tree', '-r', '-z', '--full-tree', head.commit))
  const wrong = files.filter((file) => !isAsListed(file, listed))
  const present = files.filter(({ digest }) => digest !== null)
  const altered: string[] = []
  for (const { path, digest } of present.filter((file) => !wrong.includes(file))) {
    const bytes = await git('cat-file', 'blob', digest?.gitBlob ?? '')
    if (createHash('sha256').update(bytes).digest('hex') !== digest?.sha256) altered.push(path)
  }
  const changed = await git(
    'diff-tree',
    '-r',
    '-z',
    '--no-renames',
    '--name-only',
    base.commit,
    head.commit,
  ).catch(() => undefined)
  const known = new Set(files.flatMap(({ path, previousPath = path }) => [path, previousPath]))
  const unlisted = changed === undefined ? [] : namesIn(changed).filter((path) => !known.has(path))
  const shallow = `The clone lacks the base commit ${short(base.commit)}, so other changed files were not looked for.`
  return {
    differences: [
      ...named(
        wrong.map(({ path }) => path),
        'is not in the commit as the receipt lists it',
      ),
      ...named(altered, 'has other bytes'),
      ...named(unlisted, 'was changed, and the receipt does not list it'),
    ],
    left: changed === undefined ? [shallow] : [],
  }
}

/** Runs git without the clone's replaced objects, hooks and configuration, and without fetching missing objects. */
function readerOf(directory: string): ReadGit {
  const env = {
    ...gitEnvironment(),
    PATH: '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
  }
  const run = promisify(execFile)
  return async (...args) => {
    const options = { env, encoding: 'buffer', maxBuffer: MOST_BYTES, timeout: 120_000 } as const
    return (await run('git', ['-C', directory, ...args], options)).stdout
  }
}

function gitId(type: string, content: Buffer, like: string): string {
  const hash = createHash(like.length === 64 ? 'sha256' : 'sha1')
  return hash.update(`${type} ${content.length}\0`).update(content).digest('hex')
}

/** Mode and blob id of each file, by path. */
function parseTree(listing: Buffer): ReadonlyMap<string, string> {
  return new Map(
    namesIn(listing).map((line) => {
      const [facts = '', path = ''] = splitOnce(line, '\t')
      const [mode, , id] = facts.split(' ')
      return [path, `${mode} ${id}`]
    }),
  )
}

function isAsListed({ path, previousPath, mode, digest }: ReceiptFile, listed: ReadonlyMap<string, string>) {
  if (previousPath !== undefined && listed.has(previousPath)) return false
  return listed.get(path) === (digest === null ? undefined : `${mode} ${digest.gitBlob}`)
}

function namesIn(output: Buffer): readonly string[] {
  return output
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '')
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function named(paths: readonly string[], what: string): readonly string[] {
  const more = paths.length - MOST_NAMED
  return [
    ...paths.slice(0, MOST_NAMED).map((path) => `${path} ${what}.`),
    ...(more > 0 ? [`The same holds for ${counted(more, 'other file')}.`] : []),
  ]
}

function whyUnreadable(
  cause: unknown,
  { directory, commit }: { readonly directory: string; readonly commit: string },
): BackspaceError {
  const { code, stderr = '' } = cause as { readonly code?: unknown; readonly stderr?: string | Buffer }
  const text =
    code === 'ENOENT'
      ? 'git is not installed on this machine: install it to compare a clone.'
      : /not a git repository|cannot change to/.test(String(stderr))
        ? `${directory} is not a clone.`
        : `The clone in ${directory} does not have the commit ${commit}. Fetch it, then try again:\n  git -C ${directory} fetch origin ${commit}`
  return new BackspaceError('not_found', text, { cause })
}

function short(id: string): string {
  return id.slice(0, 12)
}
