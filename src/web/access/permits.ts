import { BackspaceError, knownError } from '../../errors.ts'
import { isInScope } from '../../runs/repository-scope.ts'
import type { RepositoryTarget } from '../../runs/run.ts'
import type { WebDeps } from '../web-deps.ts'
import type { Caller } from '../web-env.ts'
import { createIsOperator, type IsOperator } from './operators.ts'
import { createRememberedPermissions } from './remembered-permissions.ts'
import type { Right } from './token-store.ts'

/** What a caller may do with which repository. */
export interface Permits {
  /** @throws {BackspaceError} `forbidden` when the caller's token lacks the right. */
  requireRight(caller: Caller, right: Right): void
  /**
   * The repository that a caller wants to start a run on.
   *
   * @returns its current name and its number.
   * @throws {BackspaceError} `forbidden` outside the token's repositories; `not_permitted` when the person behind the token
   * may not write; what `checkRepository` throws.
   */
  requireStart(caller: Caller, asked: RepositoryTarget): Promise<RepositoryTarget>
  /**
   * Asks GitHub at that moment whether the person behind the token may write.
   *
   * @throws {BackspaceError} `not_permitted`
   */
  requireWriter(caller: Caller, repository: RepositoryTarget): Promise<void>
  /** Whether runs of the repository exist for this caller. GitHub's answer about a person is kept for minutes. */
  canSee(caller: Caller, repository: RepositoryTarget): Promise<boolean>
  /** Whether the caller may see what concerns the whole service: every run, figures of all repositories, the setup. */
  isOperator: IsOperator
  /** Whether to offer the caller to stop or steer runs of the repository; doing it is checked again. */
  seemsWriter(caller: Caller, repository: RepositoryTarget): Promise<boolean>
}

export function createPermits({
  checkRepository,
  permissionOf,
  operators,
  now,
}: Pick<WebDeps, 'checkRepository' | 'permissionOf' | 'operators' | 'now'>): Permits {
  const isOperator = createIsOperator(operators)
  const permissions = createRememberedPermissions({ permissionOf, now })

  function requireScope(caller: Caller, repository: RepositoryTarget): void {
    if (isInScope(caller.repositories, repository)) return
    throw new BackspaceError(
      'forbidden',
      `The API token ${caller.name} may not start runs on ${nameOf(repository)}. Ask the operator for a token with that repository.`,
    )
  }

  async function requireWriter({ owner, name }: Caller, repository: RepositoryTarget): Promise<void> {
    if (owner === undefined) return
    const permission = await permissionOf(repository, owner)
    if (isWriter(permission)) return
    if (permission === 'none') throw unknownTo(owner, repository)
    throw new BackspaceError(
      'not_permitted',
      `The API token ${name} belongs to ${owner}, who has no write access to ${nameOf(repository)} on GitHub.`,
    )
  }

  return {
    requireRight({ rights, name }, right) {
      if (rights.includes(right)) return
      throw new BackspaceError(
        'forbidden',
        `The API token ${name} does not have the right "${right}". Ask the operator for a token with it.`,
      )
    },

    async requireStart(caller, asked) {
      // Before GitHub is asked, so that the answer does not show which repositories exist.
      requireScope(caller, asked)
      const repository = await checkRepository(asked).catch((error: unknown) => {
        const code = knownError(error)?.code
        if (caller.owner === undefined || !isHidden(code)) throw error
        // A person learns no more about a repository here than on GitHub.
        throw unknownTo(caller.owner, asked)
      })
      // A repository that was renamed or moved has another name now.
      requireScope(caller, repository)
      await requireWriter(caller, repository)
      return repository
    },

    requireWriter,
    isOperator,

    async canSee(caller, repository) {
      if (!isInScope(caller.repositories, repository)) return false
      if (isOperator(caller)) return true
      return caller.owner === undefined || (await permissions.find(caller.owner, repository)) !== 'none'
    },

    async seemsWriter({ owner, rights }, repository) {
      if (!rights.includes('start')) return false
      return owner === undefined || isWriter(await permissions.find(owner, repository))
    },
  }
}

function isWriter(permission: Awaited<ReturnType<WebDeps['permissionOf']>>): boolean {
  return permission === 'admin' || permission === 'write'
}

function isHidden(code: string | undefined): boolean {
  return code === 'repository_not_found' || code === 'not_installed'
}

function unknownTo(login: string, repository: RepositoryTarget): BackspaceError {
  return new BackspaceError(
    'repository_not_found',
    `${nameOf(repository)} does not exist, or ${login} or Backspace cannot see it. Check the name, and the access on GitHub.`,
  )
}

function nameOf({ owner, name }: RepositoryTarget): string {
  return `${owner}/${name}`
}
