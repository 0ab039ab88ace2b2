import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { RunReader } from './run-view.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/**
 * `GET /runs/:id/trace`: leads to the trace in LangSmith. LangSmith is asked when a reader wants to go there, so no address
 * of it, which names the organisation, is in a pull request or kept with the run.
 */
export async function answerTrace(
  c: Context<WebEnv>,
  {
    reader,
    findTrace,
  }: { readonly reader: Pick<RunReader, 'find'>; readonly findTrace: WebDeps['findTrace'] },
): Promise<Response> {
  const run = await reader.find(c)
  // While a run goes on, only LangSmith knows.
  const mayBeTraced = run.ending === null || run.ending.totals.langsmithEnabled
  if (!findTrace || !mayBeTraced) {
    throw new BackspaceError('not_found', 'This run was not traced in LangSmith.')
  }
  c.header('Cache-Control', 'no-store')
  return c.redirect(await findTrace(run), 302)
}
