import type { Context } from 'hono'
import { BackspaceError, knownError } from '../../errors.ts'
import type { RepositoryTarget } from '../../runs/run.ts'
import type { Caller, WebEnv } from '../web-env.ts'

/** Counts the event streams that are open, and ends those whose reader may no longer read. */
export interface OpenStreams {
  /**
   * Counts the answer to this request as a stream, until it is over.
   *
   * @returns aborted when the caller's credential no longer works, or no longer covers the repository, and when the stream
   * has been open for the longest time.
   * @throws {BackspaceError} `rate_limited` above a limit.
   */
  open(c: Context<WebEnv>, repository: RepositoryTarget): AbortSignal
  /** Number of streams that are open now. */
  count(): number
}

export interface OpenStreamsOptions {
  /** Streams at once per credential; an address may have twice as many. */
  readonly maxStreams: number
  readonly addressOf: (incoming: NonNullable<WebEnv['Bindings']['incoming']>) => string
  readonly stillKnown: (caller: Caller) => Promise<boolean>
  readonly canSee: (caller: Caller, repository: RepositoryTarget) => Promise<boolean>
  readonly checkEveryMs?: number | undefined
  /** See `WebDeps`. */
  readonly longestMs?: number | undefined
}

interface OpenStream {
  readonly caller: Caller
  readonly address: string
  readonly repository: RepositoryTarget
  readonly end: AbortController
}

const CHECK_EVERY_MS = 3_000
const RETRY_SECONDS = 10

export function createOpenStreams({
  maxStreams,
  addressOf,
  stillKnown,
  canSee,
  checkEveryMs = CHECK_EVERY_MS,
  longestMs,
}: OpenStreamsOptions): OpenStreams {
  const open = new Set<OpenStream>()
  let timer: NodeJS.Timeout | undefined
  let checking = false

  /** The streams of one caller share one check. While the database is away, there is nothing new to read either. */
  async function check(): Promise<void> {
    if (checking) return
    checking = true
    const answers = new Map<string, Promise<boolean>>()
    const known = (caller: Caller) => {
      const key = `${caller.credential} ${caller.login ?? ''}`
      const answer = answers.get(key) ?? stillKnown(caller)
      answers.set(key, answer)
      return answer
    }
    const checks = [...open].map(async ({ caller, repository, end }) => {
      if (!(await known(caller)) || !(await mayRead(caller, repository))) end.abort()
    })
    await Promise.allSettled(checks)
    checking = false
  }

  /** A reader whose access GitHub has not confirmed for too long is cut off. */
  async function mayRead(caller: Caller, repository: RepositoryTarget): Promise<boolean> {
    try {
      return await canSee(caller, repository)
    } catch (error) {
      if (knownError(error)?.code.startsWith('github_')) return false
      throw error
    }
  }

  function close(stream: OpenStream): void {
    open.delete(stream)
    if (open.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    count: () => open.size,
    open(c, repository) {
      const { caller } = c.var
      const { incoming, outgoing } = c.env ?? {}
      const end = new AbortController()
      // Without a socket there is nothing that could stay open.
      if (!incoming || !outgoing) return end.signal
      const stream = { caller, address: addressOf(incoming), repository, end }
      refuseAbove(open, stream, maxStreams)
      open.add(stream)
      const ends = longestMs === undefined ? undefined : setTimeout(() => end.abort(), longestMs)
      outgoing.once('close', () => {
        clearTimeout(ends)
        close(stream)
      })
      timer ??= setInterval(() => void check(), checkEveryMs).unref()
      return end.signal
    },
  }
}

function refuseAbove(open: ReadonlySet<OpenStream>, { caller, address }: OpenStream, limit: number): void {
  const all = [...open]
  const ofCaller = all.filter((each) => each.caller.credential === caller.credential).length
  const ofAddress = all.filter((each) => each.address === address).length
  if (ofCaller < limit && ofAddress < 2 * limit) return
  const who =
    ofCaller < limit
      ? `This address has ${ofAddress} event streams open`
      : `${caller.name} has ${ofCaller} event streams open`
  throw new BackspaceError(
    'rate_limited',
    `${who}, which is the limit. Close some, or ask for the state of a run with GET /runs/:id.`,
    { facts: { limit: 'event_streams', retryAfterSeconds: RETRY_SECONDS } },
  )
}
