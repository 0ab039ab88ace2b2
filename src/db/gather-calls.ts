import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'

export interface GatherOptions<In, Out> {
  /** Does all of them at once; its answers are in the order of `inputs`. */
  readonly work: (inputs: readonly In[]) => Promise<readonly Out[]>
  /** How many of the first `inputs` one call may do, at least 1; default all. */
  readonly batchLength?: (inputs: readonly In[]) => number
  /** Milliseconds between the end of a call and the next one, for more to come together; default 0. */
  readonly pauseMs?: number
  /** True for a failure of which one input may be guilty: then each is tried alone. Default: never. */
  readonly isOfOne?: (error: unknown) => boolean
}

interface Waiting<In, Out> {
  readonly input: In
  readonly resolve: (output: Out) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes one call of many: what is asked for while a call is under way is done together by the next one. One that
 * comes alone is made at once: so under little load nothing waits, and under much the database is asked seldom.
 */
export function gatherCalls<In, Out>(options: GatherOptions<In, Out>): (input: In) => Promise<Out> {
  const { work, batchLength = (inputs) => inputs.length, pauseMs = 0, isOfOne = () => false } = options
  const waiting: Waiting<In, Out>[] = []
  let busy = false

  async function settle(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outputs = await work(batch.map(({ input }) => input))
      for (const [index, { resolve }] of batch.entries()) resolve(outputs[index] as Out)
    } catch (error) {
      if (batch.length === 1 || !isOfOne(error)) {
        for (const { reject } of batch) reject(error)
        return
      }
      for (const one of batch) await settle([one])
    }
  }

  async function drain(): Promise<void> {
    busy = true
    while (waiting.length > 0) {
      // What comes in one turn of the event loop comes together. PGlite, which answers within the turn, would else be
      // asked for each alone, and nothing else be heard meanwhile.
      await nextTurn()
      await settle(waiting.splice(0, batchLength(waiting.map(({ input }) => input))))
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
