import { BackspaceError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'

type Writable = Pick<
  RepositoryAccess['repository'],
  'owner' | 'name' | 'archived' | 'disabled' | 'pullRequests' | 'canPush'
>

/** @throws {BackspaceError} `repository_archived`, `repository_disabled`, `publish_blocked` */
export function requireWritable({ owner, name, archived, disabled, pullRequests, canPush }: Writable): void {
  if (disabled) {
    throw new BackspaceError(
      'repository_disabled',
      `GitHub has disabled ${owner}/${name}, so nothing can be changed.`,
    )
  }
  if (archived) {
    throw new BackspaceError(
      'repository_archived',
      `${owner}/${name} is archived, so nothing can be changed. Unarchive it in its settings and try again.`,
    )
  }
  if (pullRequests === 'none') {
    throw new BackspaceError(
      'publish_blocked',
      `Pull requests are switched off in ${owner}/${name}, so nothing was done and nothing was spent. Switch them on in its settings and try again.`,
    )
  }
  if (pullRequests === 'collaborators' && !canPush) {
    throw new BackspaceError(
      'publish_blocked',
      `Only collaborators may open pull requests in ${owner}/${name}, and this credential may not write to it. Nothing was done and nothing was spent. Make its account a collaborator, or install the App.`,
    )
  }
}
