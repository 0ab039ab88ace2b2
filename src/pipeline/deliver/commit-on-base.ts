import { commitChanges } from '../../github/commit-changes.ts'
import { filesToCommit } from './files-to-commit.ts'
import { commitEffect } from './publish-plan.ts'
import type { Place, PublishRequest } from './publish-request.ts'

/**
 * The commit of this attempt on the base commit, or the one that an earlier attempt made. No branch points at it
 * yet and nobody sees it; it is kept, so that whoever goes on needs neither the files nor a sandbox.
 */
export async function commitOnBase(
  { octokit, repository }: Place,
  { attempt, base, change, plan, once }: PublishRequest,
): Promise<string> {
  if (change.kind === 'commit') return change.sha
  return once({
    name: commitEffect(attempt),
    // One that nobody knows of is one that nobody sees.
    lookUp: async () => undefined,
    act: () =>
      commitChanges(octokit, {
        repository,
        parent: base.sha,
        baseTree: base.tree,
        files: filesToCommit(change.files),
        message: plan.message,
      }),
  })
}
