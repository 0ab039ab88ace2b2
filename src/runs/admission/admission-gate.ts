import { type AdmitRunsDeps, admitRuns, hasWaiting } from './admit-runs.ts'

/** Lets runs in as places become free. Every process has one; whichever is asked first admits. */
export interface AdmissionGate {
  /** To be called whenever a run came or ended, or a worker came or went; returns at once. */
  ask(): void
  /** Admits no more and waits for what is under way. */
  stop(): Promise<void>
}

export interface AdmissionGateOptions extends AdmitRunsDeps {
  /** Told when admitting fails, once until it works again. */
  readonly onError: (error: unknown) => void
}

/** The process that should have asked may have died before it did, and places also come free with time alone. */
const ASK_EVERY_MS = 1000

export function createAdmissionGate(options: AdmissionGateOptions): AdmissionGate {
  let asked = false
  let stopped = false
  let failing = false
  let busy: Promise<void> | undefined

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      failing = false
    } catch (error) {
      asked = false
      if (!failing) options.onError(error)
      failing = true
    }
  }

  async function admitWhileAsked(): Promise<void> {
    while (asked && !stopped) {
      asked = false
      if (await admitRuns(options)) asked = true
    }
  }

  function run(): void {
    if (stopped) return
    busy ??= attempt(admitWhileAsked).finally(() => {
      busy = undefined
      // Asked again between the last look and now.
      if (asked) run()
    })
  }

  function ask(): void {
    asked = true
    run()
  }

  async function look(): Promise<void> {
    if (busy !== undefined) return
    await attempt(async () => {
      if (await hasWaiting(options.db)) ask()
    })
  }

  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }, ASK_EVERY_MS).unref()

  return {
    ask,
    async stop() {
      stopped = true
      clearInterval(timer)
      await looking
      await busy
    },
  }
}
