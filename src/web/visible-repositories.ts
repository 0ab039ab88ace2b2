import { coversAll, isInScope } from '../runs/repository-scope.ts'
import { type KnownRepository, MOST_REPOSITORIES } from '../runs/stats/known-repositories.ts'
import type { Permits } from './access/permits.ts'
import type { WebDeps } from './web-deps.ts'
import type { Caller } from './web-env.ts'

/** How many repositories GitHub is asked about at once. */
const AT_ONCE = 20

/**
 * The repositories whose runs and figures a caller may see, those with the newest runs first; undefined for all.
 * Repositories that GitHub hides from a person are left out before anything is searched or counted, so neither a page, a
 * figure nor a cursor reveals that they exist.
 */
export async function visibleRepositories(
  caller: Caller,
  { repositories, permits }: { readonly repositories: WebDeps['repositories']; readonly permits: Permits },
): Promise<readonly KnownRepository[] | undefined> {
  if (permits.isOperator(caller)) return undefined
  const { owner, repositories: scope } = caller
  if (owner === undefined && coversAll(scope)) return undefined
  const known = (await repositories()).filter((repository) => isInScope(scope, repository))
  if (owner === undefined) return known
  const asked = known.slice(0, MOST_REPOSITORIES)
  const seen: KnownRepository[] = []
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    const some = asked.slice(at, at + AT_ONCE)
    const visible = await Promise.all(some.map((repository) => permits.canSee(caller, repository)))
    seen.push(...some.filter((_, index) => visible[index]))
  }
  return seen
}
