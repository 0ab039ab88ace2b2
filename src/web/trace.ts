import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { RunReader } from './run-view.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/**
 * `GET /runs/:id/trace`: redirects to the trace in LangSmith. LangSmith is asked only when a reader wants to go there, so
 * that its address, which names the organisation, is neither in a pull request nor stored with the run.
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
