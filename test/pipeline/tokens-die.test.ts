import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { RunReleased } from '../../src/runs/queue/run-released.ts'
import { STEPS } from '../../src/runs/run-event.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { askOnIssue, createApi } from './api-repository.ts'
import { preparePipelines } from './pipeline-world.ts'

const startPipeline = preparePipelines()

const WORK = 'echo hi > README.md'
const isGit = (kind: string) => /info\/refs|git-upload-pack/.test(kind)

type Tokens = ReturnType<GitHubStandIn['tokens']>

/** Tokens that were minted for one run and still work; the host's own token reads and comments. */
function alive(github: GitHubStandIn): Tokens {
  const isOfHost = ({ permissions }: Tokens[number]) =>
    permissions.issues === 'write' && permissions.contents === 'read'
  return github.tokens().filter((token) => token.revokedAt === undefined && !isOfHost(token))
}

/** `POST /repos/acme/api/git/refs`, with numbers and hashes taken out. */
const kindOf = ({ method, path }: { readonly method: string; readonly path: string }) =>
  `${method} ${path.replaceAll(/[0-9a-f]{40}|backspace\/[\w-]+|\d+/g, '*')}`

const pathLike = (kind: string) =>
  new RegExp(
    `${kind
      .slice(kind.indexOf(' ') + 1)
      .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[\\w%/-]+')}(\\?|$)`,
  )

test('no token of a run is alive after it, whichever request to GitHub fails', async () => {
  const { github, run, tokens } = await startPipeline()
  await createApi(github)
  const request = await askOnIssue(github)
  await run(request, WORK)
  const before = github.requests.length
  expect((await run(request, WORK)).end).toMatchObject({ type: 'run.succeeded' })
  expect(alive(github)).toEqual([])
  const kinds = new Set(github.requests.slice(before).map(kindOf))
  const minted = new Set(github.tokens().map(({ permissions }) => JSON.stringify(permissions)))
  expect(kinds.size).toBeGreaterThan(10)
  expect(minted.size).toBe(4)

  for (const kind of kinds) {
    // A broken git waits for a minute and a half; the next test stops it instead.
    if (isGit(kind)) continue
    const revokes = kind.includes('/installation/token')
    const times = revokes ? 5 : Number.POSITIVE_INFINITY
    const fault = github.fail({ method: kind.split(' ')[0] ?? '', path: pathLike(kind), status: 500, times })
    await run(request, WORK)
    if (revokes) await github.waitFor(() => (alive(github).length === 0 ? true : undefined))
    expect([kind, alive(github), fault.hits > 0]).toEqual([kind, [], true])
    fault.cancel()
  }
  await tokens.close()
  expect(github.tokens().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])
})

test.each([
  'in the sandbox',
  'on the host',
])('a clone %s that is cancelled leaves no token', async (place) => {
  const inSandbox = place === 'in the sandbox'
  const { github, run } = await startPipeline({
    sandboxes: (provider) => (inSandbox ? { ...provider, kind: 'e2b', reachesGitHub: true } : provider),
  })
  await createApi(github)
  const controller = new AbortController()
  const answer = Promise.withResolvers<void>()
  github.fail({ path: /info\/refs/, until: answer.promise })
  const running = run({}, WORK, controller.signal)
  await github.waitFor(() => github.requests.some((request) => isGit(kindOf(request))))
  expect(alive(github)).toHaveLength(1)
  controller.abort(new BackspaceError('cancelled', 'Stopped by @ada.'))
  expect((await running).end).toMatchObject({ type: 'run.cancelled' })
  expect(alive(github)).toEqual([])
  answer.resolve()
})

test.each([
  { verify: undefined, steps: STEPS.filter((step) => step !== 'report' && step !== 'verify') },
  { verify: { mode: 'checks', minutes: 5 } as const, steps: ['verify', 'publish'] },
])('no token of a run is alive after it, wherever it breaks, is cancelled, or goes to another worker: $steps', async ({
  verify,
  steps,
}) => {
  let breakAt: ((event: string) => boolean) | undefined
  let broke = false
  let controller = new AbortController()
  let how: 'throw' | 'release' = 'throw'
  const { github, run, tokens } = await startPipeline({
    verify,
    log: (log) => ({
      ...log,
      async append(runId, attempt, body) {
        const at = 'step' in body ? `${body.type} ${body.step}` : body.type
        if (!broke && breakAt?.(at)) {
          broke = true
          if (how === 'throw') throw new Error(`broken at ${at}`)
          controller.abort(new RunReleased())
        }
        return log.append(runId, attempt, body)
      },
    }),
  })
  await createApi(github)
  const request = await askOnIssue(github)
  const boundaries = steps.flatMap((step) => [`step.started ${step}`, `step.finished ${step}`])
  for (const boundary of boundaries) {
    broke = false
    how = boundary.startsWith('step.started') ? 'throw' : 'release'
    breakAt = (event) => event === boundary
    controller = new AbortController()
    // The worker ends a run whose log is broken, and a run that was released is not its own to end.
    await run(request, WORK, controller.signal).catch(() => {})
    expect([boundary, alive(github), broke]).toEqual([boundary, [], true])
  }
  await tokens.close()
  expect(github.tokens().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])
})
