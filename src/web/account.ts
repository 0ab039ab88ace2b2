import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import { callerActor } from './access/caller-actor.ts'
import type { Permits } from './access/permits.ts'
import { noStore } from './answer-headers.ts'
import { accountPage } from './pages/account-page.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** `GET /account`: shows who the browser is logged in as, and the other browsers of the same person or token. */
export async function answerAccount(
  c: Context<WebEnv>,
  { logins, permits }: Pick<WebDeps, 'logins'> & { readonly permits: Permits },
): Promise<Response> {
  const { caller } = c.var
  const here = caller.login === undefined ? undefined : await logins.find(caller.login)
  const all = here ? await logins.list(here.credential) : []
  const isOperator = permits.isOperator(caller)
  noStore(c)
  return c.html(
    accountPage({
      name: caller.name,
      isPerson: caller.personId !== undefined,
      isOperator,
      people: isOperator
        ? (await logins.people()).filter(({ credential }) => credential !== caller.credential)
        : [],
      owner: caller.owner,
      here,
      // This browser's own is listed first, by itself.
      elsewhere: all.filter(({ id }) => id !== here?.id),
    }),
  )
}

/** `POST /account/people/:id/logout`: an operator ends every login of a person, in every process. */
export async function logOutPerson(
  c: Context<WebEnv>,
  { logins, permits, record }: Pick<WebDeps, 'logins' | 'record'> & { readonly permits: Permits },
): Promise<Response> {
  const { caller } = c.var
  const id = c.req.param('id') ?? ''
  if (!permits.isOperator(caller)) {
    throw new BackspaceError(
      'forbidden',
      'Only operators can log other people out. The setting OPERATORS names them.',
    )
  }
  if (!/^\d{1,15}$/.test(id)) throw new BackspaceError('not_found', 'There is no such person.')
  const facts = { everywhere: true, person: Number(id) }
  await record({ kind: 'person.signed_out', actor: callerActor(caller), facts })
  await logins.closeAll(`person:${id}`)
  return c.redirect('/account', 303)
}
