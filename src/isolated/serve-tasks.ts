import { parentPort } from 'node:worker_threads'
import type { IsolatedTasks, ThreadAnswer } from './threads.ts'

/** Makes this thread run tasks for `createThreads`, one after the other. */
export function serveTasks(tasks: IsolatedTasks): void {
  parentPort?.on('message', async ({ name, input }: { readonly name: string; readonly input: never }) => {
    parentPort?.postMessage(await attempt(() => tasks[name]?.(input)))
  })
  parentPort?.postMessage({ value: undefined } satisfies ThreadAnswer)
}

/** Runs a task and catches its errors, since untrusted text can break a parser, for example by nesting deeper than the stack. */
async function attempt(work: () => unknown): Promise<ThreadAnswer> {
  try {
    return { value: await work() }
  } catch {
    return { value: undefined }
  }
}
