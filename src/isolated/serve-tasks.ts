import { parentPort } from 'node:worker_threads'
import type { IsolatedTasks, ThreadAnswer } from './threads.ts'

/** Makes this thread do work for `createThreads`, one piece after the other. */
export function serveTasks(tasks: IsolatedTasks): void {
  parentPort?.on('message', async ({ name, input }: { readonly name: string; readonly input: never }) => {
    parentPort?.postMessage(await attempt(() => tasks[name]?.(input)))
  })
  parentPort?.postMessage({ value: undefined } satisfies ThreadAnswer)
}

/** Text from outside can break a parser, for instance by nesting deeper than the stack. */
async function attempt(work: () => unknown): Promise<ThreadAnswer> {
  try {
    return { value: await work() }
  } catch {
    return { value: undefined }
  }
}
