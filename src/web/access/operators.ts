import { coversAll } from '../../runs/repository-scope.ts'
import type { Caller } from '../web-env.ts'

/** Whether a caller looks after the whole service: sees every run, the figures of all repositories, and the setup. */
export type IsOperator = (caller: Caller) => boolean

/**
 * Operators are callers on this machine, API tokens of no person that may start and read runs of every repository, and
 * the people of OPERATORS once they have signed in. A token with an owner has no more rights than the owner has on GitHub.
 *
 * @param operators GitHub logins in lower case, or numbers of accounts.
 */
export function createIsOperator(operators: readonly string[]): IsOperator {
  // A login can be made of digits only, so those are numbers and nothing else.
  const numbers = new Set(operators.filter((name) => /^\d+$/.test(name)))
  const logins = new Set(operators.filter((name) => !numbers.has(name)))

  function isPersonNamed(personId: number, login: string): boolean {
    return numbers.has(String(personId)) || logins.has(login.toLowerCase())
  }

  return ({ owner, personId, repositories, rights }) => {
    if (personId !== undefined) return isPersonNamed(personId, owner ?? '')
    const doesBoth = rights.includes('start') && rights.includes('read')
    return owner === undefined && doesBoth && coversAll(repositories)
  }
}
