import type { RepositoryTarget } from '../../runs/run.ts'
import { repositoryKey } from '../../runs/store/run-rows.ts'
import type { Person, WebDeps } from '../web-deps.ts'

type Permission = Awaited<ReturnType<WebDeps['permissionOf']>>

/**
 * Remembers for minutes what people may do with which repository, so that a page that reloads does not ask GitHub each
 * time. For what is shown; what is done asks GitHub at that moment.
 */
export interface RememberedPermissions {
  /** @throws {BackspaceError} when GitHub has not answered for a while. */
  find(person: Person, repository: RepositoryTarget): Promise<Permission>
  /**
   * Whether GitHub shows a repository to each of its users: then no person needs to be asked about.
   *
   * @throws {BackspaceError} when GitHub has not answered for a while.
   */
  isPublic(repository: RepositoryTarget): Promise<boolean>
}

export function createRememberedPermissions({
  permissionOf,
  isPublic,
  now = () => new Date(),
}: Pick<WebDeps, 'permissionOf' | 'isPublic' | 'now'>): RememberedPermissions {
  const clock = () => now().getTime()
  const permissions = createAnswers<Permission>(clock)
  const visibilities = createAnswers<boolean>(clock)
  return {
    find(person, repository) {
      const who = person.id === undefined ? person.login.toLowerCase() : `#${person.id}`
      return permissions.find(`${who} ${keyOf(repository)}`, () => permissionOf(repository, person))
    },
    isPublic: (repository) => visibilities.find(keyOf(repository), () => isPublic(repository)),
  }
}

function keyOf(repository: RepositoryTarget): string {
  return String(repository.id ?? repositoryKey(repository))
}

const KEEP_MS = 5 * 60_000
/** While GitHub does not answer, what it said last counts for so long, and it is asked again after `RETRY_MS`. */
const KEEP_AT_MOST_MS = 15 * 60_000
const RETRY_MS = 20_000
/** Answers in memory; the oldest is forgotten first. */
const ANSWERS = 10_000

interface Answer<T> {
  /** When it was asked. */
  readonly at: number
  readonly value: Promise<T>
}

/** Answers of GitHub by what was asked. A question that is being asked is not asked twice. */
function createAnswers<T>(now: () => number) {
  const answers = new Map<string, Answer<T> & { readonly askAgainAt: number }>()

  function keep(key: string, answer: Answer<T>, keepMs: number): Promise<T> {
    answers.delete(key)
    answers.set(key, { ...answer, askAgainAt: now() + keepMs })
    const [oldest] = answers.keys()
    if (answers.size > ANSWERS && oldest !== undefined) answers.delete(oldest)
    return answer.value
  }

  async function askOrKeep(key: string, ask: () => Promise<T>, known: Answer<T> | undefined): Promise<T> {
    const at = now()
    try {
      return await ask()
    } catch (error) {
      if (known && at - known.at < KEEP_AT_MOST_MS) return await keep(key, known, RETRY_MS)
      answers.delete(key)
      throw error
    }
  }

  return {
    find(key: string, ask: () => Promise<T>): Promise<T> {
      const known = answers.get(key)
      if (known && now() < known.askAgainAt) return known.value
      return keep(key, { at: now(), value: askOrKeep(key, ask, known) }, KEEP_MS)
    },
  }
}
