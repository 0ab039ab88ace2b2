import { secondaryRateLimit } from '../stand-ins/github/faults.ts'
import type { Random } from './random.ts'
import type { Surroundings } from './surroundings.ts'

/** Each makes one service of others fail once. */
type OutsideFault = (surroundings: Surroundings, random: Random) => unknown

const CREATES = /\/(git\/(blobs|trees|commits|refs)|pulls|issues\/\d+\/comments|access_tokens)$/

const CREATE = /^POST \/v2\/sandboxes$/
/** Calls that E2B’s edge passes on to a sandbox. */
const IN_A_SANDBOX = / \/(process\.Process|filesystem\.Filesystem|files|health)/

export const OUTSIDE_FAULTS = {
  'GitHub 502 before the effect': ({ github }) =>
    github.fail({ method: 'POST', path: CREATES, status: 502, when: 'before' }),
  'GitHub 502 after the effect': ({ github }) =>
    github.fail({ method: 'POST', path: CREATES, status: 502, when: 'after' }),
  'GitHub cuts the connection after the effect': ({ github }) =>
    github.fail({ method: 'POST', path: CREATES, drop: true, when: 'after' }),
  'GitHub is slow': ({ github }) => github.fail({ path: /./, delayMs: 3000, times: 3 }),
  'GitHub is down for several requests': ({ github }) => github.fail({ path: /./, status: 503, times: 6 }),
  'GitHub says secondary limit': ({ github }) =>
    github.fail({ method: 'POST', path: CREATES, ...secondaryRateLimit({ retryAfter: 2 }) }),
  'E2B fails before it makes a sandbox': ({ e2b }, random) =>
    e2b.failNext({ call: CREATE, status: random.pick([500, 502, 503, 504]) }),
  'E2B fails after it made a sandbox': ({ e2b }, random) =>
    e2b.failNext({ call: CREATE, status: random.pick([500, 502, 504]), afterEffect: true }),
  'E2B does not take a snapshot': ({ e2b }, random) =>
    e2b.failNext({ call: /\/snapshots$/, status: random.pick([400, 404, 409, 503]) }),
  'E2B’s API fails for a sandbox': ({ e2b }, random) =>
    e2b.failNext({
      call: / \/sandboxes\/[^/]+(\/(network|timeout|connect))?$/,
      status: random.pick([429, 502, 503]),
    }),
  'E2B says too many': ({ e2b }) => e2b.failNext({ call: CREATE, status: 429, times: 2 }),
  'E2B’s edge fails for a second': ({ e2b }, random) =>
    e2b.failNext({ call: IN_A_SANDBOX, status: random.pick([429, 502, 503, 504]), forMs: 1000 }),
  'E2B’s edge loses an answer': ({ e2b }, random) =>
    e2b.failNext({ call: IN_A_SANDBOX, status: random.pick([502, 504]), afterEffect: true }),
  'E2B cuts a connection': ({ e2b }) => e2b.failNext({ call: IN_A_SANDBOX, cut: true }),
  'E2B is slow': ({ e2b }) => e2b.delayNext({ call: /./, ms: 2000, times: 5 }),
  'E2B refuses connections for a second': ({ e2b }) => e2b.goAway(1000),
  'the daemon of a sandbox restarts': ({ e2b }, random) =>
    withOne(e2b, random, (id) => e2b.restartDaemon(id, { downMs: 500 })),
  'a sandbox dies': ({ e2b }, random) => withOne(e2b, random, (id) => e2b.killSandbox(id)),
  'streams of a sandbox break': ({ e2b }, random) => withOne(e2b, random, (id) => e2b.dropStreams(id)),
  'the model is overloaded': ({ model }) => model.failNext({ fault: { status: 529 } }),
  'the model says too many': ({ model }) => model.failNext({ fault: { status: 429, retryAfter: 1 } }),
  'the model cuts its answer': ({ model }) => model.failNext({ fault: 'cut', text: 'I was about to' }),
  'the model drops the connection': ({ model }) => model.failNext({ fault: 'drop' }),
} as const satisfies Readonly<Record<string, OutsideFault>>

function withOne(e2b: Surroundings['e2b'], random: Random, act: (id: string) => void): void {
  const running = e2b.sandboxes().filter(({ state }) => state === 'running')
  if (running.length > 0) act(random.pick(running).id)
}
