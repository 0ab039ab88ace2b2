import type { RepositoryTarget } from '../../runs/run.ts'
import { repositoryKey } from '../../runs/store/run-rows.ts'
import type { Audience, Permission, Person, WebDeps } from '../web-deps.ts'
import { createAnswers } from './answers.ts'

/**
 * Remembers for minutes what people may do with which repository, so that a page that reloads does not ask GitHub each
 * time. Use it only to decide what to show; every action asks GitHub at that moment.
 */
export interface RememberedPermissions {
  /** @throws {BackspaceError} if GitHub has not answered for a while. */
  find(person: Person, repository: RepositoryTarget): Promise<Permission>
}

/**
 * Asks GitHub about a repository once for all people, so that many readers, or strangers who sign in for that purpose, do
 * not use up its rate limit. Asks about a single person only where GitHub does not list the people of a repository.
 */
export function createRememberedPermissions({
  permissionOf,
  audienceOf,
  now = () => new Date(),
}: Pick<WebDeps, 'permissionOf' | 'audienceOf' | 'now'>): RememberedPermissions {
  const clock = () => now().getTime()
  const audiences = createAnswers<Audience>(clock)
  const permissions = createAnswers<Permission>(clock)
  return {
    async find(person, repository) {
      const key = String(repository.id ?? repositoryKey(repository))
      const { isPublic, people } = await audiences.find(key, () => audienceOf(repository))
      const listed = people?.find(({ id, login }) =>
        person.id === undefined ? isSame(login, person.login) : id === person.id,
      )
      if (listed) return listed.permission
      if (people) return isPublic ? 'read' : 'none'
      const who = person.id === undefined ? person.login.toLowerCase() : `#${person.id}`
      return permissions.find(`${who} ${key}`, () => permissionOf(repository, person))
    },
  }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
