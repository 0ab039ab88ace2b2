import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Loads the functions that a thread runs, by name. Their arguments and results are passed as structured clones. */
export type IsolatedTasks = Readonly<Record<string, () => Promise<(input: never) => unknown>>>

type TaskOf<Load extends IsolatedTasks[string]> = Awaited<ReturnType<Load>>

/**
 * Runs tasks whose time grows faster than their input, such as comparing two files line by line. Untrusted text must not
 * block the main thread, so each task runs in a thread that is ended when the task exceeds its time limit.
 */
export interface Threads<Tasks extends IsolatedTasks> {
  /**
   * @param limitMs milliseconds for the task alone, without loading its code. A task that waits for a thread longer than
   * `WAIT_MS` is not started.
   * @returns undefined if the task took too long, used too much memory or stack, or threw. The caller decides what people
   * see instead.
   */
  run<Name extends keyof Tasks>(
    name: Name,
    input: Parameters<TaskOf<Tasks[Name]>>[0],
    limitMs: number,
  ): Promise<Awaited<ReturnType<TaskOf<Tasks[Name]>>> | undefined>
  /** Ends every thread. Tasks in progress resolve to undefined. */
  close(): Promise<void>
}

/** An order to a thread: load the code of a task, or run the task. The thread answers each order once. */
export interface ThreadOrder {
  readonly kind: 'load' | 'run'
  readonly name: string
  readonly input?: unknown
}

/** The answer of a thread; the value is undefined if the task threw, or if there was only code to load. */
export interface ThreadAnswer {
  readonly value: unknown
}

interface Job {
  readonly name: string
  readonly input: unknown
  readonly limitMs: number
  readonly askedAt: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

const MOST_THREADS = 2
const WAIT_MS = 5_000
/** Milliseconds for a thread to load code, its own or that of a task. That takes seconds on a busy machine. */
const START_MS = 20_000
/** Enough to compare two files of 10 MiB. */
const LIMITS = { maxOldGenerationSizeMb: 384, stackSizeMb: 4 }

/** @param entry a module that calls `serveTasks`. Threads start with the first task and stay alive. */
export function createThreads<Tasks extends IsolatedTasks>(entry: URL): Threads<Tasks> {
  const idle: Worker[] = []
  const living = new Set<Worker>()
  const waiting: Job[] = []
  let closed = false

  function start(): Worker {
    // A thread needs neither the service's environment, which holds keys, nor its arguments.
    const worker = new Worker(entry, { env: {}, execArgv: [], resourceLimits: LIMITS })
    worker.unref()
    // A job in progress handles both events itself; between jobs, neither may end the process.
    worker.on('error', () => undefined)
    worker.once('exit', () => living.delete(worker))
    living.add(worker)
    return worker
  }

  function dispatch(): void {
    for (let [job] = waiting; job; [job] = waiting) {
      const isLate = closed || performance.now() - job.askedAt > WAIT_MS
      const worker = isLate ? undefined : freeWorker()
      if (!isLate && !worker) return
      waiting.shift()
      if (worker) void work(worker, job)
      else job.resolve(undefined)
    }
  }

  function freeWorker(): { readonly worker: Worker; readonly isNew: boolean } | undefined {
    for (let worker = idle.pop(); worker; worker = idle.pop()) {
      if (living.has(worker)) return { worker, isNew: false }
    }
    return living.size < MOST_THREADS ? { worker: start(), isNew: true } : undefined
  }

  async function work(free: { readonly worker: Worker; readonly isNew: boolean }, job: Job): Promise<void> {
    const { worker, isNew } = free
    try {
      // The first message of a new thread says that it is ready.
      if (isNew) await nextMessage(worker, START_MS)
      const { name, input } = job
      worker.postMessage({ kind: 'load', name } satisfies ThreadOrder)
      await nextMessage(worker, START_MS)
      worker.postMessage({ kind: 'run', name, input } satisfies ThreadOrder)
      const { value } = await nextMessage(worker, job.limitMs)
      idle.push(worker)
      job.resolve(value)
    } catch (error) {
      await worker.terminate()
      living.delete(worker)
      // Input that cannot be cloned is a bug of the caller, so it is thrown.
      if (error instanceof DOMException && error.name === 'DataCloneError') job.reject(error)
      else job.resolve(undefined)
    }
    dispatch()
  }

  return {
    run(name, input, limitMs) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      waiting.push({ name: String(name), input, limitMs, askedAt: performance.now(), resolve, reject })
      dispatch()
      // The thread calls the function with this name, so the result has its type.
      return promise as ReturnType<Threads<Tasks>['run']>
    },
    async close() {
      closed = true
      await Promise.all([...living].map((worker) => worker.terminate()))
      dispatch()
    },
  }
}

/** @throws if the thread ends or does not answer in time. */
async function nextMessage(worker: Worker, timeoutMs: number): Promise<ThreadAnswer> {
  const settled = new AbortController()
  const timeout = setTimeout(() => settled.abort(), timeoutMs)
  try {
    const answered = once(worker, 'message', { signal: settled.signal })
    const ended = once(worker, 'exit', { signal: settled.signal }).then(() => {
      throw new Error('The thread ended.')
    })
    const [answer] = await Promise.race([answered, ended])
    return answer as ThreadAnswer
  } finally {
    clearTimeout(timeout)
    settled.abort()
  }
}
