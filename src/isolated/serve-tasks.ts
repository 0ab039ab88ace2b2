import { parentPort } from 'node:worker_threads'
import type { IsolatedTasks, ThreadAnswer, ThreadOrder } from './threads.ts'

/** Makes this thread run tasks for `createThreads`, one after the other. */
export function serveTasks(tasks: IsolatedTasks): void {
  const loaded = new Map<string, (input: never) => unknown>()
  async function load(name: string): Promise<void> {
    const task = loaded.get(name) ?? (await tasks[name]?.())
    if (task) loaded.set(name, task)
  }
  parentPort?.on('message', async ({ kind, name, input }: ThreadOrder) => {
    const answer = await attempt(() => (kind === 'load' ? load(name) : loaded.get(name)?.(input as never)))
    parentPort?.postMessage(answer)
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
