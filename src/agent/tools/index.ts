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

/** Every tool, in the order in which each request names them. Sorted and constant: it is part of the frozen prefix. */
export const TOOLS: readonly Tool[] = [bash, edit, fetchHistory, finish, glob, grep, plan, read, write]

/** Those of a run that only plans: none that could change a file, so no command either. */
const PLAN_TOOLS: readonly Tool[] = [finish, glob, grep, plan, read]

/** The tools of a run, the same from its first request to its last. */
export function toolsOf(task: { readonly plan?: boolean | undefined }): readonly Tool[] {
  return task.plan ? PLAN_TOOLS : TOOLS
}
