import type { Context } from 'hono'
import { BackspaceError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import type { WebDeps } from './web-deps.ts'
import type { WebEnv } from './web-env.ts'

/** @throws {BackspaceError} `not_found` when the path names no run. */
export async function findRun(c: Context<WebEnv>, deps: Pick<WebDeps, 'runs'>): Promise<Run> {
  const id = c.req.param('id') ?? ''
  const run = /^[\w-]{1,64}$/.test(id) ? await deps.runs.get(id) : undefined
  if (!run) throw unknownRun()
  return run
}

export function unknownRun(): BackspaceError {
  return new BackspaceError('not_found', 'There is no run with this id.')
}
