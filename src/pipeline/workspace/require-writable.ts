import { BackspaceError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'

/** @throws {BackspaceError} `repository_archived`, `repository_disabled` */
export function requireWritable({
  owner,
  name,
  archived,
  disabled,
}: Pick<RepositoryAccess['repository'], 'owner' | 'name' | 'archived' | 'disabled'>): void {
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
}
