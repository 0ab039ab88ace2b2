import type { RepositoryTarget } from '../../runs/run.ts'
import { repositoryKey } from '../../runs/store/run-rows.ts'
import type { Audience, Permission, Person, WebDeps } from '../web-deps.ts'
import { createAnswers } from './answers.ts'

/**
 * Remembers for minutes what people may do with which repository, so that a page that reloads does not ask GitHub each
 * time. For what is shown; what is done asks GitHub at that moment.
 */
export interface RememberedPermissions {
  /** @throws {BackspaceError} when GitHub has not answered for a while. */
  find(person: Person, repository: RepositoryTarget): Promise<Permission>
}

/**
 * GitHub is asked about a repository once for all people, so that many readers, or strangers who sign in to have it asked,
 * do not use up its rate limit. About one person it is asked only where it does not list the people.
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
