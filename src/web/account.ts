import type { Context } from 'hono'
import type { Permits } from './access/permits.ts'
import { noStore } from './answer-headers.ts'
import { accountPage } from './pages/account-page.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** `GET /account`: who the browser is logged in as, and where else. */
export async function answerAccount(
  c: Context<WebEnv>,
  { logins, permits }: Pick<WebDeps, 'logins'> & { readonly permits: Permits },
): Promise<Response> {
  const { caller } = c.var
  const here = caller.login === undefined ? undefined : await logins.find(caller.login)
  const all = here ? await logins.list(here.credential) : []
  noStore(c)
  return c.html(
    accountPage({
      name: caller.name,
      isPerson: caller.personId !== undefined,
      isOperator: permits.isOperator(caller),
      owner: caller.owner,
      here,
      // This browser's own is listed first, by itself.
      elsewhere: all.filter(({ id }) => id !== here?.id),
    }),
  )
}
