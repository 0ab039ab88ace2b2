import type { RepositoryTarget } from '../../runs/run.ts'
import { repositoryKey } from '../../runs/store/run-rows.ts'
import type { WebDeps } from '../web-deps.ts'

type Permission = Awaited<ReturnType<WebDeps['permissionOf']>>

/**
 * Remembers for minutes what people may do with which repository, so that a page that reloads does not ask GitHub each
 * time. For what is shown; what is done asks GitHub at that moment.
 */
export interface RememberedPermissions {
  /** @throws {BackspaceError} when GitHub does not answer. */
  find(login: string, repository: RepositoryTarget): Promise<Permission>
}

interface Answer {
  readonly at: number
  readonly permission: Promise<Permission>
}

const KEEP_MS = 5 * 60_000
/** Answers in memory; the oldest is forgotten first. */
const ANSWERS = 10_000

export function createRememberedPermissions({
  permissionOf,
  now = () => new Date(),
}: Pick<WebDeps, 'permissionOf' | 'now'>): RememberedPermissions {
  const answers = new Map<string, Answer>()

  function ask(key: string, login: string, repository: RepositoryTarget): Promise<Permission> {
    const permission = permissionOf(repository, login)
    // A question that GitHub did not answer is asked again.
    permission.catch(() => answers.delete(key))
    answers.delete(key)
    answers.set(key, { at: now().getTime(), permission })
    const [oldest] = answers.keys()
    if (answers.size > ANSWERS && oldest !== undefined) answers.delete(oldest)
    return permission
  }

  return {
    find(login, repository) {
      const key = `${login.toLowerCase()} ${repository.id ?? repositoryKey(repository)}`
      const known = answers.get(key)
      if (known && now().getTime() - known.at < KEEP_MS) return known.permission
      return ask(key, login, repository)
    },
  }
}
