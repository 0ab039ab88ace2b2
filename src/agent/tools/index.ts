import { bash } from './bash.ts'
import { edit } from './edit.ts'
import { fetchHistory } from './fetch-history.ts'
import { finish } from './finish.ts'
import { glob } from './glob.ts'
import { grep } from './grep.ts'
import { plan } from './plan.ts'
import { read } from './read.ts'
import type { Tool } from './tool.ts'
import { write } from './write.ts'

/** Every tool, in the order in which requests list them. The order is constant, because it is part of the cached prefix. */
export const TOOLS: readonly Tool[] = [bash, edit, fetchHistory, finish, glob, grep, plan, read, write]

/** The tools of a run that only plans: none can change a file, so there is no bash either. */
const PLAN_TOOLS: readonly Tool[] = [finish, glob, grep, plan, read]

/** The tools of a run. They are the same in all of its requests. */
export function toolsOf(task: { readonly plan?: boolean | undefined }): readonly Tool[] {
  return task.plan ? PLAN_TOOLS : TOOLS
}
