import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'

export interface GatherOptions<In, Out> {
  /** Handles all inputs in one call; results are in the order of `inputs`. */
  readonly work: (inputs: readonly In[]) => Promise<readonly Out[]>
  /** How many of the first `inputs` one call may handle, at least 1; default all. */
  readonly batchLength?: ((inputs: readonly In[]) => number) | undefined
  /** Milliseconds between the end of one call and the next, so that more inputs gather; default 0. */
  readonly pauseMs?: number | undefined
  /** True for an error that a single input may have caused. Each input is then handled alone. Default: never. */
  readonly isOfOne?: ((error: unknown) => boolean) | undefined
}

interface Waiting<In, Out> {
  readonly input: In
  readonly resolve: (output: Out) => void
  readonly reject: (error: unknown) => void
}

/**
 * Combines many calls into few. Inputs that arrive during a call are handled together by the next one; an input that
 * arrives alone is handled at once. Under light load nothing waits, and under heavy load the database gets few queries.
 */
export function gatherCalls<In, Out>(options: GatherOptions<In, Out>): (input: In) => Promise<Out> {
  const { work, batchLength = (inputs) => inputs.length, pauseMs = 0, isOfOne = () => false } = options
  const waiting: Waiting<In, Out>[] = []
  let busy = false

  async function answer(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outputs = await work(batch.map(({ input }) => input))
      for (const [index, { resolve }] of batch.entries()) resolve(outputs[index] as Out)
    } catch (error) {
      if (batch.length === 1 || !isOfOne(error)) {
        for (const { reject } of batch) reject(error)
        return
      }
      for (const one of batch) await answer([one])
    }
  }

  async function drain(): Promise<void> {
    busy = true
    while (waiting.length > 0) {
      // Inputs that arrive in one turn of the event loop are handled together. PGlite answers within the turn, so it
      // would otherwise get one query per input, and keep the event loop busy meanwhile.
      await nextTurn()
      await answer(waiting.splice(0, batchLength(waiting.map(({ input }) => input))))
      if (pauseMs > 0) await delay(pauseMs)
    }
    busy = false
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      if (!busy) void drain()
    })
}
