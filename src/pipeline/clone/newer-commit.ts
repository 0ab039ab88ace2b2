import { gitEnvironment } from '../workspace/workspace.ts'
import { type FetchRequest, withPublicCommit } from './fetched-repository.ts'
import { PLAIN_HOST_ENVIRONMENT, runHostGit } from './host-git.ts'
import { readSubmodules } from './read-submodules.ts'

/** A submodule for which the two sides of a merge have different commits. */
export interface DisputedSubmodule {
  /** Path of its folder. */
  readonly path: string
  readonly ours: string
  readonly theirs: string
  /** Text of `.gitmodules`. */
  readonly gitmodules: string
}

const MOST_BYTES = 64 * 1024 * 1024
const MOST_MS = 60_000

/**
 * Finds which of the two commits has the other one among its ancestors. Git takes that commit in a merge if it has the
 * submodule.
 *
 * @returns undefined if neither has, or if that cannot be found out, since only public submodules are fetched.
 * @throws `signal.reason` when the run is cancelled.
 */
export async function newerCommit(
  { path, ours, theirs, gitmodules }: DisputedSubmodule,
  request: FetchRequest,
): Promise<string | undefined> {
  const place = { repository: request.access.repository, webUrl: request.webUrl }
  const listed = Buffer.from([gitmodules, `160000 ${ours} 0\t${path}`].join('\0'))
  const repository = readSubmodules(listed, place)[0]?.repository
  if (repository === undefined) return undefined
  const { access: _, ...rest } = request
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(MOST_MS)])
  const wanted = { repository, sha: ours, comparedWith: theirs }
  try {
    return await withPublicCommit(wanted, { ...rest, signal, mostBytes: MOST_BYTES }, async (cwd) => {
      const env = { ...(rest.hostEnvironment ?? PLAIN_HOST_ENVIRONMENT), ...gitEnvironment(), HOME: cwd }
      const how = { cwd, env, signal, spawner: rest.spawner, failure: '', accept: [1] }
      const shared = (await runHostGit(['merge-base', ours, theirs], how)).trim()
      return shared === ours ? theirs : shared === theirs ? ours : undefined
    })
  } catch {
    request.signal.throwIfAborted()
    return undefined
  }
}
