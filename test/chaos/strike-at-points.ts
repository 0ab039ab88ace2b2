import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import type { SeenRequest, WatchRequests } from '../stand-ins/watch-requests.ts'
import type { CrashPoint } from './crash-points.ts'
import { findCaller } from './find-caller.ts'
import type { Fleet } from './fleet.ts'

/** Strikes processes when a run of theirs reaches an armed point. */
export interface PointStriker {
  arm(points: readonly CrashPoint[]): void
  disarm(): void
  /** Given to the stand-ins. */
  readonly watch: WatchRequests
  onFrame(frame: ReceivedFrame): void
}

export interface PointStrikerOptions {
  /** Known only once the stand-ins, which need `watch`, are there. */
  readonly fleet: () => Fleet | undefined
  /** Name of the process that carries a run. */
  readonly carrierOf: (runId: string) => Promise<string | undefined>
  /** @returns false when the process is down or frozen already. */
  readonly strike: (name: string, blow: CrashPoint['blow'], label: string) => boolean
}

interface Armed {
  readonly point: CrashPoint
  skip: number
}

export function createPointStriker(options: PointStrikerOptions): PointStriker {
  let armed: Armed[] = []

  /** The point that has come, if any; it comes once. */
  function take(matches: (point: CrashPoint) => boolean): CrashPoint | undefined {
    for (const entry of armed.filter(({ point }) => matches(point))) {
      if (entry.skip-- > 0) continue
      armed = armed.filter((other) => other !== entry)
      return entry.point
    }
    return undefined
  }

  function strike(point: CrashPoint, name: string | undefined): boolean {
    return name !== undefined && options.strike(name, point.blow, point.name)
  }

  async function callerOf({ remotePort }: SeenRequest): Promise<string | undefined> {
    const fleet = options.fleet()
    const [only, ...others] = fleet?.awake() ?? []
    if (others.length === 0) return only
    return fleet?.nameOf(await findCaller(remotePort, fleet.pids()))
  }

  return {
    arm(points) {
      armed = points.map((point) => ({ point, skip: point.skip }))
    },
    disarm() {
      armed = []
    },
    async watch(seen) {
      const point = take(({ isRequest }) => isRequest(seen))
      if (point === undefined || !strike(point, await callerOf(seen))) return 'go on'
      // A dead process gets no answer; one that sleeps or is asked to end does.
      return point.blow === 'kill' ? 'cut' : 'go on'
    },
    onFrame(frame) {
      const point = take(({ isFrame }) => isFrame(frame))
      if (point) void options.carrierOf(frame.runId).then((name) => strike(point, name))
    },
  }
}
