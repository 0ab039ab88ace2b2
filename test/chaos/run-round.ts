import { setTimeout as delay } from 'node:timers/promises'
import { askForRuns } from './ask-for-runs.ts'
import type { ChaosWorld } from './chaos-world.ts'
import { checkGitHub } from './check-github.ts'
import { checkLedger } from './check-ledger.ts'
import { checkSandboxes } from './check-sandboxes.ts'
import { type MischiefPlan, makeMischief } from './mischief.ts'
import { type RunFacts, readRunFacts, tagOf } from './run-facts.ts'
import { checkEndings, watchDatabase, watchService } from './watch-promises.ts'

export interface RoundPlan extends MischiefPlan {
  readonly requests: number
  /** Milliseconds after which what has not ended is a violation. */
  readonly patienceMs: number
}

/** Asks for runs, makes mischief, waits until all is quiet, and looks whether everything is as it must be. */
export async function runRound(
  world: ChaosWorld,
  plan: RoundPlan,
  round: number,
): Promise<readonly RunFacts[]> {
  const { random, striker, surroundings, client, tally } = world
  const asked: string[] = []
  const chance = random.fork(`round ${round}`)
  const watching = world.db ? watchDatabase(world.db, tally) : watchService(client, tally)
  const deadline = Date.now() + plan.patienceMs
  const requests = askForRuns({
    random: chance.fork('requests'),
    surroundings,
    client,
    tally,
    newTag: world.newTag,
    onAsked: (tag) => void asked.push(tag),
    count: plan.requests,
    spreadMs: plan.spreadMs / 2,
  })
  const mischief = makeMischief(world, plan, chance.fork('mischief'))
  await observeWhile(world, Promise.all([requests, mischief]))
  await observeWhile(world, endsOrTime(world, asked, Date.now() + plan.spreadMs))

  striker.disarm()
  await world.fleet.recovered()
  await redeliverLost(world)
  await endsOrTime(world, asked, deadline)
  await watching.stop()
  await checkOutside(world, deadline)
  return await checkInside(world, asked)
}

/** Keeps looking at the runs, so that new ones are followed, while something else goes on. */
async function observeWhile({ look }: ChaosWorld, work: Promise<unknown>): Promise<void> {
  let busy = true
  const done = work.finally(() => {
    busy = false
  })
  // It is thrown below; an unhandled rejection until then would end this process and leave the others running.
  done.catch(() => {})
  while (busy) {
    await look()
    await delay(250)
  }
  await done
}

/** Resolves when everything that was asked for has a run that has ended, and at the latest then. */
async function endsOrTime({ look }: ChaosWorld, asked: readonly string[], deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const runs = await look()
    const ended = new Set(runs.filter(({ finishedAt }) => finishedAt !== null).map(tagOf))
    if (asked.every((tag) => ended.has(tag))) return
    await delay(250)
  }
}

/** What an operator does who sees failed deliveries on the App's page. */
async function redeliverLost({ surroundings: { github }, relay }: ChaosWorld): Promise<void> {
  relay.calm(true)
  await github.settled()
  const byGuid = Map.groupBy(github.deliveries, ({ guid }) => guid)
  for (const attempts of byGuid.values()) {
    const [first] = attempts
    if (!first || attempts.some(({ status }) => status === 'OK')) continue
    for (let tries = 0; tries < 5; tries++) {
      if ((await github.redeliver(first.id)).status === 'OK') break
      await delay(1000)
    }
  }
  relay.calm(false)
}

/** Comments are edited and sandboxes end soon after a run has: what is wrong now may be right in a moment. */
async function checkOutside(world: ChaosWorld, deadline: number): Promise<void> {
  const { client, surroundings, tally } = world
  for (;;) {
    const runs = await client.allRuns()
    const found = [
      ...(await checkGitHub(surroundings.github, runs)),
      ...checkSandboxes(surroundings.e2b, runs),
    ]
    if (found.length === 0) return
    if (Date.now() > deadline) return found.forEach(tally.violate)
    await delay(1000)
  }
}

async function checkInside(world: ChaosWorld, asked: readonly string[]): Promise<readonly RunFacts[]> {
  const { backend, fleet, tally, strikes, known } = world
  known.push(...asked)
  // Only one process can open an embedded database, so this tries a stop as well.
  if (!world.db) await fleet.stop()
  const db = world.db ?? (await backend.open())
  const [runs, endings] = await Promise.all([readRunFacts(db), checkEndings(db)]).finally(() =>
    world.db ? undefined : db.close(),
  )
  if (!world.db) await fleet.start()
  const found = [...endings, ...checkLedger(runs, known)]
  found.forEach(tally.violate)
  for (const message of fleet.takeProblems()) tally.violate({ kind: 'process', message })
  strikes.settle(runs)
  return runs.filter(({ request }) => asked.includes(tagOf(request) ?? ''))
}
