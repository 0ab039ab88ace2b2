import { coversAll } from '../../runs/repository-scope.ts'
import type { Caller } from '../web-env.ts'

/** Whether a caller is an operator, who sees every run, the figures of all repositories, and the setup. */
export type IsOperator = (caller: Caller) => boolean

/**
 * Operators are callers on this machine, API tokens without an owner that may start and read runs of every repository,
 * and the people in OPERATORS once they have signed in. A token with an owner has no more rights than the owner on GitHub.
 *
 * @param operators GitHub logins in lower case, or ids of accounts.
 */
export function createIsOperator(operators: readonly string[]): IsOperator {
  // A login may consist of digits only, so an entry of digits is always read as an account id, never as a login.
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
