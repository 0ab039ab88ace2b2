import { setTimeout as delay } from 'node:timers/promises'
import { type ChaosWorldOptions, startChaosWorld } from './chaos-world.ts'
import { checkSandboxes, SWEPT_AFTER_MS } from './check-sandboxes.ts'
import { endOf, roundHead, roundLine } from './report.ts'
import { type RoundPlan, runRound } from './run-round.ts'
import type { Tally } from './tally.ts'

export interface ChaosRunOptions extends ChaosWorldOptions {
  readonly plan: RoundPlan
  readonly maxRounds: number
  /** No round begins after it. */
  readonly until: number
  /** Waits at the end until the sweep has had its time. */
  readonly awaitSweep: boolean
  readonly print: (text: string) => void
}

/**
 * Rounds of requests and mischief on one back end, each followed by a look at everything.
 *
 * @returns undefined when PostgreSQL is asked for and not installed.
 */
export async function runChaos(options: ChaosRunOptions): Promise<Tally | undefined> {
  const world = await startChaosWorld(options)
  if (!world) return undefined
  // The rest of a stopped round has no service left to ask, so nothing waits for it.
  const stopped = new Promise<never>((_, reject) => {
    options.signal.addEventListener('abort', () => reject(new Error('Stopped.')))
  })
  try {
    await Promise.race([makeRounds(world, options), stopped])
  } finally {
    await world.close()
  }
  return world.tally
}

type World = NonNullable<Awaited<ReturnType<typeof startChaosWorld>>>

async function makeRounds(world: World, { print, plan, ...options }: ChaosRunOptions): Promise<void> {
  const { tally } = world
  print(roundHead())
  for (let number = 1; number <= options.maxRounds && Date.now() < options.until; number++) {
    const startedAt = Date.now()
    const runs = await runRound(world, plan, number)
    for (const run of runs) tally.count('ends', endOf(run))
    print(roundLine({ number, runs, tally, seconds: (Date.now() - startedAt) / 1000 }))
  }
  if (options.awaitSweep) await awaitSweep(world)
}

/** In the end no sandbox is left, no matter which process had to end it. */
async function awaitSweep({ client, surroundings, tally }: World): Promise<void> {
  const runs = await client.allRuns()
  const deadline = Date.now() + SWEPT_AFTER_MS
  for (;;) {
    const left = checkSandboxes(surroundings.e2b, runs, { graceMs: 0 })
    if (left.length === 0) return
    if (Date.now() > deadline) return left.forEach(tally.violate)
    await delay(1000)
  }
}
