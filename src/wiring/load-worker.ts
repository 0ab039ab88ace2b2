import type { Config } from '../config.ts'
import type { Worker, WorkerDeps } from './worker.ts'

/**
 * What a process does besides listening: all the work, or only what a listening process cannot leave to the workers.
 */
export async function loadWorker({
  role,
  inFunction,
}: Pick<Config, 'role' | 'inFunction'>): Promise<(deps: WorkerDeps) => Promise<Worker>> {
  if (role === 'web') return inFunction ? async () => NO_WORKER : startLookout
  const { startWorker } = await import('./worker.ts')
  return startWorker
}

/** For a function that only answers requests: work that it began would be frozen with it. */
const NO_WORKER: Worker = {
  stopChores: async () => {},
  isBusy: () => false,
  isTraced: () => false,
  contextOf: () => undefined,
  blockedProviders: () => undefined,
  flushTraces: async () => {},
}

type LookoutDeps = Pick<WorkerDeps, 'config' | 'db' | 'deliveries' | 'tokens' | 'pace' | 'onError'>

/**
 * Takes the place of a worker in a process that only listens. It looks for webhooks that GitHub could not deliver,
 * which this process missed while it was away. The workers would look a few minutes later.
 */
async function startLookout({ config, db, deliveries, tokens, pace, onError }: LookoutDeps): Promise<Worker> {
  const { catchUpChores } = await import('./chores.ts')
  const { startChores } = await import('../runs/upkeep/chores.ts')
  const chores = startChores({
    db,
    chores: catchUpChores(config, { db, deliveries, tokens, onError, pace: pace.catchUp }),
    onError,
    lookEveryMs: pace.lookForChoresMs,
  })
  return { ...NO_WORKER, stopChores: chores.stop, isBusy: chores.isBusy }
}
