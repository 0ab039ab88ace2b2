import type { ScriptedAnswer } from '../../stand-ins/models/script.ts'
import type { Dialect } from './dialect.ts'
import { taskSteps } from './task.ts'

/** The task in the words of one client: the turn that follows so many tool results. */
export function scriptFor(dialect: Dialect, workspace: string): (results: number) => ScriptedAnswer {
  const turns = taskSteps().map((step): ScriptedAnswer => ({ calls: [dialect.call(step, workspace)] }))
  return (results) => turns[results] ?? dialect.end
}
