import type { RepositoryTarget } from '../../runs/run.ts'
import { repositoryKey } from '../../runs/store/run-rows.ts'
import type { WebDeps } from '../web-deps.ts'

/** Remembers for minutes who may read which repository, so that a page that reloads does not ask GitHub each time. */
export interface ReadablePeople {
  /** @throws {BackspaceError} when GitHub does not answer. */
  mayRead(login: string, repository: RepositoryTarget): Promise<boolean>
}

interface Answer {
  readonly at: number
  readonly mayRead: Promise<boolean>
}

const KEEP_MS = 5 * 60_000
/** Answers in memory; the oldest is forgotten first. */
const ANSWERS = 10_000

export function createReadablePeople({
  permissionOf,
  now = () => new Date(),
}: Pick<WebDeps, 'permissionOf' | 'now'>): ReadablePeople {
  const answers = new Map<string, Answer>()

  function ask(key: string, login: string, repository: RepositoryTarget): Promise<boolean> {
    const mayRead = permissionOf(repository, login).then((permission) => permission !== 'none')
    // A question that GitHub did not answer is asked again.
    mayRead.catch(() => answers.delete(key))
    answers.delete(key)
    answers.set(key, { at: now().getTime(), mayRead })
    const [oldest] = answers.keys()
    if (answers.size > ANSWERS && oldest !== undefined) answers.delete(oldest)
    return mayRead
  }

  return {
    mayRead(login, repository) {
      const key = `${login.toLowerCase()} ${repository.id ?? repositoryKey(repository)}`
      const known = answers.get(key)
      if (known && now().getTime() - known.at < KEEP_MS) return known.mayRead
      return ask(key, login, repository)
    },
  }
}
