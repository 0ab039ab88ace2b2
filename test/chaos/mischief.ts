import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosWorld } from './chaos-world.ts'
import { BLOWS } from './fleet.ts'
import { OUTSIDE_FAULTS } from './outside-faults.ts'
import type { Random } from './random.ts'

/** How much goes wrong in a round. */
export interface MischiefPlan {
  readonly points: number
  readonly blows: number
  readonly outsideFaults: number
  readonly cancels: number
  /** Probability that the database is restarted. */
  readonly databaseRestart: number
  /** Milliseconds that it is spread over. */
  readonly spreadMs: number
}

/** Arms crash points, and does the rest at moments of chance. Resolves when all of it was done. */
export async function makeMischief(world: ChaosWorld, plan: MischiefPlan, random: Random): Promise<void> {
  world.striker.arm(Array.from({ length: plan.points }, () => world.deck.draw()))
  const deeds = [
    ...Array.from({ length: plan.blows }, () => () => strikeSomebody(world, random)),
    ...Array.from({ length: plan.outsideFaults }, () => () => breakSomething(world, random)),
    ...Array.from({ length: plan.cancels }, () => () => cancelSomething(world, random)),
    ...(random.chance(plan.databaseRestart) ? [() => restartDatabase(world)] : []),
  ]
  await Promise.all(
    deeds.map(async (deed) => {
      await delay(random.between(0, plan.spreadMs))
      await deed()
    }),
  )
}

function strikeSomebody({ fleet, strike }: ChaosWorld, random: Random): void {
  const awake = fleet.awake()
  if (awake.length === 0) return
  const blow = random.pick(BLOWS)
  strike(random.pick(awake), blow, `${blow} at random`)
}

function breakSomething({ surroundings, tally }: ChaosWorld, random: Random): void {
  const name = random.pick(Object.keys(OUTSIDE_FAULTS) as (keyof typeof OUTSIDE_FAULTS)[])
  OUTSIDE_FAULTS[name](surroundings, random)
  tally.count('faults', name)
}

async function cancelSomething({ client, tally, strikes, look }: ChaosWorld, random: Random): Promise<void> {
  const live = (await look()).filter(({ status }) => status === 'queued' || status === 'running')
  if (live.length === 0) return
  const { id, status } = random.pick(live)
  if (!(await client.cancel(id))) return
  tally.count('faults', `cancel of a ${status} run`)
  strikes.cancelled(id)
}

async function restartDatabase({ backend, tally }: ChaosWorld): Promise<void> {
  if (!backend.restart) return
  tally.count('faults', 'database restart')
  await backend.restart()
}
