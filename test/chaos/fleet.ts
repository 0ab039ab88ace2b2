import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

/** What can be done to a process: death, a long sleep from which it wakes as a zombie, or a polite request to end. */
export const BLOWS = ['kill', 'freeze', 'terminate'] as const
export type Blow = (typeof BLOWS)[number]

export interface MemberPlan {
  readonly name: string
  readonly port: number
  readonly env: Readonly<Record<string, string>>
  /** Answers webhooks and `/code`. */
  readonly web: boolean
}

/** The processes of one deployment. One that ends is started again, as a supervisor would. */
export interface Fleet {
  /** @throws {Error} when one of them cannot be started, however often it is tried. */
  start(): Promise<void>
  /** Where requests can be sent now; may be wrong a moment later. */
  webUrls(): readonly string[]
  /** Names of those that are at work. */
  awake(): readonly string[]
  pids(): readonly number[]
  nameOf(pid: number | undefined): string | undefined
  /** @returns false when the process is down or frozen already. */
  strike(name: string, blow: Blow): boolean
  /** Resolves when all are at work and nothing is being done to any of them. */
  recovered(): Promise<void>
  /** Asks all to end, and checks that they do. */
  stop(): Promise<void>
  /** Ends all at once. */
  destroy(): Promise<void>
  /** What no process may do: end by itself, or not when it was asked to. */
  takeProblems(): readonly string[]
}

interface Member {
  readonly plan: MemberPlan
  process: ServiceProcess | undefined
  state: 'up' | 'frozen' | 'down'
}

/** The promise is 30 seconds; the rest is for a machine that does many other things at the same time. */
const DRAIN_MS = 40_000
const START_MS = 90_000
const MOST_STARTS = 10

export function createFleet(options: {
  readonly plans: readonly MemberPlan[]
  readonly directory: string
  /** Milliseconds that a blow leaves a process away for. */
  readonly pauseFor: (blow: Blow) => number
}): Fleet {
  const members = options.plans.map((plan): Member => ({ plan, process: undefined, state: 'down' }))
  const recoveries = new Set<Promise<void>>()
  const problems: string[] = []
  let closed = false

  function spawn(member: Member): ServiceProcess {
    const { name, env } = member.plan
    const log = join(options.directory, `${name}.log`)
    const service = startServiceProcess({ env, directory: options.directory, log })
    member.process = service
    return service
  }

  async function bring(member: Member): Promise<void> {
    for (let tries = 1; !closed; tries++) {
      const service = spawn(member)
      const up = await Promise.race([ready(member.plan.port), service.ended])
      if (up === true) return rise(member, service)
      if (up === false) service.signal('SIGKILL')
      if (tries === MOST_STARTS)
        throw new Error(`${member.plan.name} could not be started (${up}); see its log`)
      await delay(1000)
    }
  }

  function rise(member: Member, service: ServiceProcess): void {
    member.state = 'up'
    void service.ended.then((how) => {
      if (closed || member.process !== service || member.state !== 'up') return
      problems.push(`${member.plan.name} ended by itself (${how})`)
      member.state = 'down'
      track(bring(member))
    })
  }

  function track(work: Promise<void>): void {
    const safe = work.catch((error: unknown) => void problems.push(String(error)))
    recoveries.add(safe)
    void safe.finally(() => recoveries.delete(safe))
  }

  async function end(member: Member): Promise<void> {
    const service = member.process
    if (!service) return
    member.state = 'down'
    service.signal('SIGTERM')
    const how = await Promise.race([service.ended, delay(DRAIN_MS, 'silence', { ref: false })])
    if (how === 0 || closed) return
    problems.push(`${member.plan.name} was asked to end and did not do so well (${how})`)
    service.signal('SIGKILL')
    await service.ended
  }

  async function carryOut(member: Member, blow: Blow): Promise<void> {
    const service = member.process
    if (blow === 'freeze') {
      await delay(options.pauseFor(blow))
      service?.signal('SIGCONT')
      if (member.state === 'frozen') member.state = 'up'
      return
    }
    if (blow === 'terminate') await end(member)
    else await service?.ended
    await delay(options.pauseFor(blow))
    await bring(member)
  }

  return {
    takeProblems: () => problems.splice(0),
    async start() {
      await Promise.all(members.map(bring))
      if (closed) throw new Error('the processes were ended before they were ready')
    },
    webUrls: () =>
      members
        .filter(({ plan, state }) => plan.web && state === 'up')
        .map(({ plan }) => `http://127.0.0.1:${plan.port}`),
    awake: () => members.filter(({ state }) => state === 'up').map(({ plan }) => plan.name),
    pids: () => members.flatMap(({ process }) => process?.pid ?? []),
    nameOf: (pid) => members.find(({ process }) => process?.pid === pid)?.plan.name,
    strike(name, blow) {
      const member = members.find(({ plan, state }) => plan.name === name && state === 'up')
      if (!member?.process || closed) return false
      member.state = blow === 'freeze' ? 'frozen' : 'down'
      if (blow === 'kill') member.process.signal('SIGKILL')
      if (blow === 'freeze') member.process.signal('SIGSTOP')
      track(carryOut(member, blow))
      return true
    },
    async recovered() {
      while (recoveries.size > 0) await Promise.all(recoveries)
    },
    async stop() {
      while (recoveries.size > 0) await Promise.all(recoveries)
      await Promise.all(members.map(end))
    },
    async destroy() {
      closed = true
      for (const { process: service } of members) service?.signal('SIGKILL')
      await Promise.all(members.map(({ process: service }) => service?.ended))
    },
  }
}

/** True once it is ready; false when that takes too long. */
async function ready(port: number): Promise<boolean> {
  const deadline = Date.now() + START_MS
  while (Date.now() < deadline) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(5000),
    }).catch(() => undefined)
    if (answer?.ok) return true
    await delay(100)
  }
  return false
}
