import { setTimeout as delay } from 'node:timers/promises'
import { serveTasks } from '../../src/isolated/serve-tasks.ts'

/** A task whose code takes longer to load than the task itself may take. */
const SLOW_TO_LOAD = {
  double: async () => {
    await delay(1_500)
    return (value: number) => 2 * value
  },
  broken: async (): Promise<() => number> => {
    throw new Error('There is no such module.')
  },
}

export type SlowToLoad = typeof SLOW_TO_LOAD

serveTasks(SLOW_TO_LOAD)
