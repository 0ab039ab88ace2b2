import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { STEPS } from '../../src/runs/run-event.ts'
import type { SeenRequest } from '../stand-ins/watch-requests.ts'
import { BLOWS, type Blow } from './fleet.ts'
import type { Random } from './random.ts'

/** A moment in the life of a run at which its process is struck. */
export interface CrashPoint {
  readonly name: string
  readonly blow: Blow
  /** How often the moment passes before it is the one. */
  readonly skip: number
  readonly isRequest: (seen: SeenRequest) => boolean
  readonly isFrame: (frame: ReceivedFrame) => boolean
}

const REQUESTS = {
  'token mint': /^github POST .*\/access_tokens$/,
  tree: /^github POST .*\/git\/trees$/,
  commit: /^github POST .*\/git\/commits$/,
  branch: /^github POST .*\/git\/refs$/,
  'pull request': /^github POST .*\/pulls$/,
  comment: /^github POST .*\/issues\/\d+\/comments$/,
  'comment edit': /^github PATCH .*\/issues\/comments\/\d+$/,
  reaction: /^github POST .*\/reactions$/,
  'sandbox create': /^e2b POST \/v2\/sandboxes$/,
  'sandbox command': /^e2b POST \/process\.Process\/Start$/,
  'model turn': /^anthropic POST \/v1\/messages$/,
} as const

/** Every point there is: before and after each effect on the outside, at the begin and end of each step. */
export function crashPoints(random: Random): readonly CrashPoint[] {
  return BLOWS.flatMap((blow) => [
    ...Object.entries(REQUESTS).flatMap(([name, pattern]) =>
      (['before', 'after'] as const).map((when) => ({
        name: `${blow} ${when} ${name}`,
        blow,
        skip: Math.floor(random.between(0, 3)),
        isRequest: (seen: SeenRequest) =>
          seen.when === when && pattern.test(`${seen.server} ${seen.method} ${seen.path}`),
        isFrame: () => false,
      })),
    ),
    ...['claimed', ...STEPS].flatMap((step) =>
      (['begins', 'ends'] as const).map((edge) => ({
        name: `${blow} when ${step} ${edge}`,
        blow,
        skip: Math.floor(random.between(0, 2)),
        isRequest: () => false,
        isFrame: (frame: ReceivedFrame) =>
          frame.type === 'info' &&
          frame.step === step &&
          'duration_ms' in frame === (edge === 'ends' && step !== 'claimed'),
      })),
    ),
  ])
}

/** Deals all of them, in an order of chance, before one comes again. */
export function createDeck<T>(items: readonly T[], random: Random): { draw(): T } {
  let left: T[] = []
  return {
    draw() {
      if (left.length === 0) left = [...items]
      const item = random.pick(left)
      left.splice(left.indexOf(item), 1)
      return item
    },
  }
}
