import { BackspaceError, knownError } from '../../errors.ts'
import { isInScope } from '../../runs/repository-scope.ts'
import type { RepositoryTarget } from '../../runs/run.ts'
import { pause } from '../../time/pause.ts'
import type { Person, WebDeps } from '../web-deps.ts'
import type { Caller } from '../web-env.ts'
import { createAttempts, REFUSED_STARTS } from './attempts.ts'
import { createIsOperator, type IsOperator } from './operators.ts'
import { createRememberedPermissions } from './remembered-permissions.ts'
import type { Right } from './token-store.ts'

/** Decides what a caller may do with which repository. */
export interface Permits {
  /** @throws {BackspaceError} `forbidden` when the caller's token lacks the right. */
  requireRight(caller: Caller, right: Right): void
  /**
   * Checks that a caller may start a run on a repository.
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
  /** Whether the caller may see runs of the repository. GitHub's answer about a person is cached for minutes. */
  canSee(caller: Caller, repository: RepositoryTarget): Promise<boolean>
  /** Whether the caller may see what concerns the whole service: every run, figures of all repositories, the setup. */
  isOperator: IsOperator
  /**
   * Waits before a refusal, so that its timing does not reveal whether something exists that the person may not see:
   * asking GitHub about an existing run takes longer than finding none.
   *
   * @param began when work on the request began, by `performance.now()`.
   */
  waitToRefuse(caller: Caller, began: number): Promise<void>
  /** Whether to offer the caller to stop or steer runs of the repository; doing it is checked again. */
  seemsWriter(caller: Caller, repository: RepositoryTarget): Promise<boolean>
}

export function createPermits({
  checkRepository,
  permissionOf,
  audienceOf,
  operators,
  hiddenAfterMs = 1_500,
  now,
}: Pick<
  WebDeps,
  'checkRepository' | 'permissionOf' | 'audienceOf' | 'operators' | 'hiddenAfterMs' | 'now'
>): Permits {
  const isOperator = createIsOperator(operators)
  const permissions = createRememberedPermissions({ permissionOf, audienceOf, now })
  const refused = createAttempts({ ...REFUSED_STARTS, now: now && (() => now().getTime()) })

  function requireScope(caller: Caller, repository: RepositoryTarget): void {
    if (isInScope(caller.repositories, repository)) return
    throw new BackspaceError(
      'forbidden',
      `The API token ${caller.name} may not start runs on ${nameOf(repository)}. Ask the operator for a token with that repository.`,
    )
  }

  async function requireWriter(caller: Caller, repository: RepositoryTarget): Promise<void> {
    const { name, personId } = caller
    const person = personOf(caller)
    if (!person) return
    const permission = await permissionOf(repository, person)
    if (isWriter(permission)) return
    if (permission === 'none' && !isOperator(caller)) throw unknownTo(person.login, repository)
    const who =
      personId === undefined ? `The API token ${name} belongs to ${person.login}, who has` : `${name} has`
    throw new BackspaceError('not_permitted', `${who} no write access to ${nameOf(repository)} on GitHub.`)
  }

  async function waitToRefuse({ owner }: Caller, began: number): Promise<void> {
    if (owner === undefined || hiddenAfterMs === 0) return
    const took = performance.now() - began
    // Waits until a whole number of steps has passed, because a slow answer of GitHub may take longer than one step.
    await pause(Math.ceil(took / hiddenAfterMs) * hiddenAfterMs - took)
  }

  async function findStart(caller: Caller, asked: RepositoryTarget): Promise<RepositoryTarget> {
    // This comes before GitHub is asked, so that the answer does not show which repositories exist.
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
  }

  return {
    requireRight({ rights, name, share }, right) {
      if (rights.includes(right)) return
      if (share) throw new BackspaceError('forbidden', 'This link only shows the run. Sign in to change it.')
      throw new BackspaceError(
        'forbidden',
        `The API token ${name} does not have the right "${right}". Ask the operator for a token with it.`,
      )
    },

    async requireStart(caller, asked) {
      // Strangers can sign in too, so the cost of their requests is limited.
      const isBounded = caller.personId !== undefined
      if (isBounded) refused.refuseAtLimit(caller.credential)
      const began = performance.now()
      try {
        return await findStart(caller, asked)
      } catch (error) {
        if (isBounded) refused.count(caller.credential)
        if (isHidden(knownError(error)?.code)) await waitToRefuse(caller, began)
        throw error
      }
    },

    requireWriter,
    waitToRefuse,
    isOperator,

    async canSee(caller, repository) {
      if (!isInScope(caller.repositories, repository)) return false
      const person = personOf(caller)
      if (!person || isOperator(caller)) return true
      return (await permissions.find(person, repository)) !== 'none'
    },

    async seemsWriter(caller, repository) {
      if (!caller.rights.includes('start')) return false
      const person = personOf(caller)
      return !person || isWriter(await permissions.find(person, repository))
    },
  }
}

/** The person whose access on GitHub limits what the caller may do. */
function personOf({ owner, personId }: Caller): Person | undefined {
  return owner === undefined ? undefined : { login: owner, id: personId }
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
