import { mkdir } from 'node:fs/promises'
import type { Database } from '../../src/db/database.ts'
import { type Backend, startBackend } from './backend.ts'
import { carrierOf, noteCarriers, runsCarriedBy } from './carriers.ts'
import { type CrashPoint, crashPoints, createDeck } from './crash-points.ts'
import { type Blow, createFleet, type Fleet } from './fleet.ts'
import { createRunFollower, type RunFollower } from './follow-runs.ts'
import { createRandom, type Random } from './random.ts'
import { createServiceClient, type ServiceClient, type ShownRun } from './service-client.ts'
import { createPointStriker, type PointStriker } from './strike-at-points.ts'
import { createStrikeBook, type StrikeBook } from './strike-book.ts'
import { type Surroundings, startSurroundings, WEBHOOK_PATH } from './surroundings.ts'
import { createTally, type Tally } from './tally.ts'
import { startWebhookRelay, type WebhookRelay } from './webhook-relay.ts'

/** Real processes of the service, and everything around them that can go wrong. */
export interface ChaosWorld {
  readonly random: Random
  readonly tally: Tally
  readonly surroundings: Surroundings
  readonly backend: Backend
  readonly fleet: Fleet
  readonly relay: WebhookRelay
  readonly client: ServiceClient
  readonly striker: PointStriker
  readonly strikes: StrikeBook
  readonly follower: RunFollower
  /** All crash points, in an order of chance. */
  readonly deck: { draw(): CrashPoint }
  /** A look into the database while the service runs; undefined where there is none. */
  readonly db: Database | undefined
  /** Strikes a process; tells the book. @returns false when it is down or frozen already. */
  strike(name: string, blow: Blow, label: string): boolean
  /** The latest runs, as last seen; begins to follow new ones. */
  look(): Promise<readonly ShownRun[]>
  /** Names of all requests of earlier rounds. */
  readonly known: string[]
  /** A name that no request had before. */
  newTag(): string
  close(): Promise<void>
}

export interface ChaosWorldOptions {
  readonly kind: Backend['kind']
  readonly seed: number
  /** For data and logs; removed by the caller. */
  readonly directory: string
  /** Ends everything at once, whatever it is at. */
  readonly signal: AbortSignal
}

/** @returns undefined when PostgreSQL is asked for and not installed. */
export async function startChaosWorld(options: ChaosWorldOptions): Promise<ChaosWorld | undefined> {
  const ends: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined
  async function closeAll(): Promise<void> {
    for (const end of ends.splice(0).reverse()) await end().catch(() => undefined)
  }
  function close(): Promise<void> {
    closing ??= closeAll()
    return closing
  }
  const stop = () => void close()
  options.signal.addEventListener('abort', stop)
  try {
    const world = await assemble(options, ends)
    if (world) return { ...world, close }
  } catch (error) {
    await close()
    throw error
  }
  await close()
  return undefined
}

async function assemble(
  { kind, seed, directory }: ChaosWorldOptions,
  ends: (() => Promise<void>)[],
): Promise<Omit<ChaosWorld, 'close'> | undefined> {
  const random = createRandom(seed).fork(kind)
  const tally = createTally()
  const strikes = createStrikeBook(tally)
  let fleet: Fleet | undefined
  let db: Database | undefined
  let seen: readonly ShownRun[] = []
  let tags = 0

  function strike(name: string, blow: Blow, label: string): boolean {
    if (fleet?.strike(name, blow) !== true) return false
    tally.count('faults', label)
    const running = seen.filter(({ status }) => status === 'running').map(({ id }) => id)
    // A process that ends on request hands its runs over, so no other has to take them.
    if (blow !== 'terminate') strikes.lost(db ? runsCarriedBy(db, name) : Promise.resolve(running))
    return true
  }
  const striker = createPointStriker({
    fleet: () => fleet,
    strike,
    carrierOf: async (runId) => (db ? await carrierOf(db, runId).catch(() => undefined) : fleet?.awake()[0]),
  })

  await mkdir(directory, { recursive: true })
  const surroundings = await startSurroundings({ random, watch: striker.watch })
  ends.push(surroundings.close)
  const backend = await startBackend(kind, { directory, env: surroundings.env })
  if (!backend) return undefined
  ends.push(backend.close)
  const processes = createFleet({
    plans: backend.plans,
    directory,
    pauseFor: pauses(random.fork('pauses'), backend.shared),
  })
  fleet = processes
  ends.push(processes.destroy)
  await processes.start()
  if (backend.shared) {
    const shared = await backend.open()
    ends.push(shared.close)
    await noteCarriers(shared)
    db = shared
  }
  const { webUrls } = processes
  const client = createServiceClient({ random: random.fork('client'), webUrls })
  const relay = await startWebhookRelay({
    random: random.fork('relay'),
    webUrls,
    path: WEBHOOK_PATH,
    onFate(fate) {
      if (fate !== 'passed') tally.count('faults', `webhook ${fate}`)
    },
  })
  ends.push(relay.close)
  surroundings.github.setWebhookTarget(relay.url)
  const follower = createRunFollower(tally, striker.onFrame)
  ends.push(follower.stop)

  return {
    random,
    tally,
    surroundings,
    backend,
    fleet: processes,
    relay,
    client,
    striker,
    strikes,
    follower,
    deck: createDeck(crashPoints(random.fork('points')), random.fork('deck')),
    db,
    strike,
    async look() {
      const recent = await client.recentRuns()
      if (recent) follower.follow(recent)
      seen = recent ?? seen
      return seen
    },
    known: [],
    newTag: () => `chaos-${++tags}`,
  }
}

/**
 * A supervisor needs a moment. Where others could take its runs over, a process sleeps for longer than it may miss
 * heartbeats (25 seconds, and up to 5 until a worker looks), so that it wakes as a zombie.
 */
function pauses(random: Random, shared: boolean): (blow: Blow) => number {
  const [least, most] = shared ? [31_000, 38_000] : [5_000, 15_000]
  return (blow) => (blow === 'freeze' ? random.between(least, most) : random.between(0, 2500))
}
