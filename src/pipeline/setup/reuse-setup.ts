import type { TreeListing } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { SetupCache } from '../../setup-cache/setup-cache.ts'
import type { SetupEntry } from '../../setup-cache/setup-cache-store.ts'
import { durationText } from '../../text/amounts.ts'
import type { Journal } from '../journal.ts'
import { endLeftovers } from '../sandbox/end-leftovers.ts'
import { type Base, gitEnvironment, runInSandbox, type Workspace } from '../workspace/workspace.ts'

/** How one run uses the setup that earlier runs kept. */
export interface SetupReuse {
  /** The snapshot with which a new sandbox should begin; undefined if there is none. */
  readonly snapshotId: string | undefined
  /** @returns what the sandbox really began with; undefined if setups of this repository are not kept. */
  begunWith(sandbox: Sandbox): Promise<BegunWith | undefined>
  /**
   * Keeps a setup for later runs, if it took long enough. The commit is removed from the sandbox for the snapshot and
   * cloned again afterwards.
   *
   * @param cloneAgain clones the commit again.
   * @returns the current workspace, which is a new one if the commit was cloned again.
   */
  keep(workspace: Workspace, made: MadeSetup, cloneAgain: () => Promise<Workspace>): Promise<Workspace>
}

/** What the setup cache gave to a new sandbox. */
export interface BegunWith {
  /** Undefined if the cache had no matching entry. */
  readonly entry: SetupEntry | undefined
}

/** A setup that succeeded. */
export interface MadeSetup {
  readonly commands: readonly string[]
  /** Hash of the environment variables of the commands. */
  readonly variables: string
  /** How long setup took, in milliseconds. */
  readonly tookMs: number
}

interface SetupReuseParts {
  readonly access: Pick<RepositoryAccess, 'repository'>
  readonly base: Base
  readonly baseTree: TreeListing
  readonly notice: Journal['notice']
  readonly signal: AbortSignal
}

const NONE: SetupReuse = {
  snapshotId: undefined,
  begunWith: async () => undefined,
  keep: async (workspace) => workspace,
}

/** @param cache undefined when setups are not kept. */
export async function findSetup(cache: SetupCache | undefined, parts: SetupReuseParts): Promise<SetupReuse> {
  const { access, base, baseTree, notice, signal } = parts
  const { id: repositoryId, defaultBranch } = access.repository
  const found = await cache?.find({ repositoryId, tree: baseTree })
  if (cache === undefined || found === undefined) return NONE
  const { key, entry } = found
  // Later runs trust a kept setup, so it must come from the default branch, from before an agent ran.
  const mayKeep = entry === undefined && base.pullRequest === undefined && base.branch === defaultBranch
  return {
    snapshotId: entry?.snapshotId,
    async begunWith(sandbox) {
      if (entry === undefined) return { entry }
      if (sandbox.snapshotId !== entry.snapshotId) {
        await cache.forget(entry)
        return { entry: undefined }
      }
      // A snapshot may also contain running processes.
      await endLeftovers(sandbox, signal)
      return { entry }
    },
    async keep(workspace, { commands, variables, tookMs }, cloneAgain) {
      if (!mayKeep || commands.length === 0 || tookMs < cache.minSetupMs) return workspace
      const startedAt = performance.now()
      const { sandbox } = workspace
      await endLeftovers(sandbox, signal)
      await removeCommit(workspace, signal)
      const made = { key, repositoryId, commands, variables, tree: base.tree, setupMs: tookMs }
      const kept = await cache.keep({ ...made, sandboxId: sandbox.id, signal })
      signal.throwIfAborted()
      const cloned = await cloneAgain()
      const took = durationText(performance.now() - startedAt)
      if (kept) notice('info', `Kept the installed dependencies for later runs, in ${took}.`)
      else notice('warning', 'The installed dependencies could not be kept for later runs.')
      return cloned
    },
  }
}

const REMOVE = `set -eu
cd "$W"
git --git-dir="$G" ls-files -z | xargs -0 -r rm -f -- || true
rm -rf "$W/.git" "$G"
`

/** Removes the files of the commit and the git directory, so that only the results of setup stay. */
async function removeCommit({ sandbox, path, gitDir }: Workspace, signal: AbortSignal): Promise<void> {
  await runInSandbox(sandbox, REMOVE, {
    signal,
    timeoutMs: 120_000,
    env: { ...gitEnvironment(), W: path, G: gitDir },
    code: 'clone_failed',
    failure: 'The files of the commit could not be removed to keep what setup made.',
  })
}
