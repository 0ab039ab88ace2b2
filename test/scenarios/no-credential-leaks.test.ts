import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import type { Step } from '../stand-ins/models/script.ts'
import { startService } from '../support/start-service.ts'
import { createGreeter, FIX_GREETER, observe, startStandIns } from '../support/start-world.ts'

const TOKEN = `api-token-canary-${randomUUID()}`
const [look, edit, check, finish] = FIX_GREETER

/** A secret of the repository itself, which the model repeats where people would read it. */
const PLANTED = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`

/**
 * A model that looks everywhere a secret could be. A sandbox of E2B is a machine of its own; the stand-in shares this one,
 * whose processes have the service's own environment among theirs. So the model reads the environments of its sandbox.
 */
const SNOOP = {
  text: `I found\n${PLANTED}`,
  calls: [
    {
      name: 'bash',
      args: {
        command:
          'env; for f in $(grep -lzsx "E2B_SANDBOX_ID=$E2B_SANDBOX_ID" /proc/[0-9]*/environ) /proc/[0-9]*/cmdline; do tr "\\0" "\\n" < "$f"; done 2>/dev/null; cat .git/config ~/.gitconfig ~/.git-credentials ~/.netrc 2>/dev/null; git remote -v; grep -r "token" .git 2>/dev/null; ls -laR ~ | head -200; ' +
          `printf 'token\\t${PLANTED}\\n'`,
      },
    },
  ],
}

/** The shapes in which a secret could be carried away. */
function shapesOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const basic = Buffer.from(`x-access-token:${secret}`).toString('base64')
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64'),
    basic,
    bytes.toString('hex'),
    encodeURIComponent(secret),
    [...secret].reverse().join(''),
  ]
}

/** Fails with the name of the secret, never with the secret. */
function expectNone(where: string, text: string, secrets: Readonly<Record<string, string>>): void {
  for (const [name, secret] of Object.entries(secrets)) {
    const found = shapesOf(secret).some((shape) => text.includes(shape))
    expect(found ? `${name} stands in ${where}` : 'clean').toBe('clean')
  }
}

/** How many of the tokens that a run had minted can do what, while the model works. */
function tokensNow(github: GitHubStandIn) {
  const scoped = github.tokens().filter(({ kind }) => kind === 'installation')
  const readers = scoped.filter(({ permissions }) => !('issues' in permissions))
  return {
    cloneTokens: readers.length,
    alive: readers.filter(({ revokedAt }) => revokedAt === undefined).length,
    writers: scoped.filter(({ permissions }) => permissions.contents === 'write').length,
  }
}

test.each([
  'clone',
  'upload',
] as const)('no credential reaches the sandbox, an event, a log, a trace or GitHub, and each token ends before it could serve the agent (%s)', async (transport) => {
  const seen: ReturnType<typeof tokensNow>[] = []
  const watched = (steps: readonly Step[]) => (_request: unknown, index: number) => {
    seen.push(tokensNow(github))
    return steps[index] ?? finish
  }
  const standIns = await startStandIns({
    sandbox: 'e2b',
    anthropic: watched([look, SNOOP, edit, { fault: { status: 402, type: 'billing_error' } }]),
    openai: watched([check, finish]),
    langsmith: true,
    env: {
      LOG_LEVEL: 'trace',
      API_TOKENS: TOKEN,
      BACKSPACE_TRANSPORT: transport,
      LANGSMITH_TRACE_PRIVATE: 'acme/*',
    },
  })
  const { github, anthropic, openai, e2b, langsmith, env } = standIns
  const service = await startService(env)
  const url = await service.listening
  github.setWebhookTarget(`${url}/api/github/webhooks`)
  const repo = await createGreeter(github, { private: true })
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })

  const authorization = { authorization: `Bearer ${TOKEN}` }
  const frames = await observe(url, { token: TOKEN }).frames()
  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  const { runId } = frames[0] ?? { runId: '' }
  const page = await (
    await fetch(`${url}/runs/${runId}`, { headers: { ...authorization, accept: 'text/html' } })
  ).text()
  service.signal('SIGTERM')
  expect(await service.ended).toBe(0)

  const keys = {
    'the App’s key': github.privateKey,
    'the webhook secret': github.webhookSecret,
    'the Anthropic key': anthropic?.apiKey ?? '',
    'the OpenAI key': openai?.apiKey ?? '',
    'the E2B key': env.E2B_API_KEY ?? '',
    'the LangSmith key': env.LANGSMITH_API_KEY ?? '',
    'the API token': TOKEN,
  }
  const minted = github.tokens().filter(({ kind }) => kind === 'installation')
  const tokens = Object.fromEntries(
    minted.map(({ token }, index) => [`installation token ${index + 1}`, token]),
  )
  const all = { ...keys, ...tokens }
  expect(minted.length).toBeGreaterThanOrEqual(3)
  // Three steps and the fault, the two steps after it, and once more: the first finish is answered with the diff.
  expect(seen).toEqual(Array(7).fill({ cloneTokens: 1, alive: 0, writers: 0 }))
  const writers = minted.filter(({ permissions }) => permissions.contents === 'write')
  expect(writers).toMatchObject([{ repositoryIds: [expect.anything()], revokedAt: expect.anything() }])
  expect(e2b?.sandboxes().every(({ state }) => state === 'killed')).toBe(true)

  const [pull] = github.pullRequests(repo)
  expect(JSON.stringify(frames)).toContain('I found\\n[redacted]')
  const planted = { ...all, 'the token of the repository': PLANTED }
  expectNone('an event', JSON.stringify(frames), planted)
  expectNone('the run page', page, planted)
  expectNone('a log', service.output(), planted)
  expectNone('a trace', langsmith?.received() ?? '', planted)
  expectNone('a comment', JSON.stringify(github.comments(repo, number)), planted)
  expectNone('the pull request', JSON.stringify(pull), planted)
  expectNone('the published files', await github.diff(repo, 'main', pull?.head ?? ''), all)
  expect(langsmith?.runs().length).toBeGreaterThan(10)

  // What the sandbox answered when the model looked everywhere, and everything that was sent to it.
  const snooped = JSON.stringify(anthropic?.turns().at(-1))
  expectNone('what the model saw', snooped, all)
  expectNone('the sandbox', e2b?.received().toString('latin1') ?? '', keys)
  const sent = e2b?.received().toString('latin1') ?? ''
  const reached = Object.values(tokens).filter((token) =>
    shapesOf(token).some((shape) => sent.includes(shape)),
  )
  // The clone's own token, which is dead by then, shows that the search finds what is there.
  expect(reached).toHaveLength(transport === 'clone' ? 1 : 0)
  expect(snooped).toContain('workspace')
  expect(`${service.output()}${JSON.stringify(frames)}`).not.toMatch(/\n\s+at .+:\d+:\d+/)
  await standIns.close()
})
