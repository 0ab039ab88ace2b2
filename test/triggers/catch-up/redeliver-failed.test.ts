import { expect, onTestFinished, test, vi } from 'vitest'
import { createAppInstallations } from '../../../src/github/app-installations.ts'
import { createTokenKeeper } from '../../../src/github/token-keeper.ts'
import { redeliverFailed } from '../../../src/triggers/catch-up/redeliver-failed.ts'
import { startGitHub } from '../../stand-ins/github/start-github.ts'

const MINUTE = 60_000

test('a webhook that fails for long is asked for more and more seldom, until it comes', async () => {
  const github = await startGitHub()
  // Of GitHub too, which would not take a token of another time.
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(async () => {
    vi.useRealTimers()
    await github.close()
  })
  const app = { id: github.appId, privateKey: github.privateKey }
  const octokit = createAppInstallations({
    app,
    apiUrl: github.apiUrl,
    tokens: createTokenKeeper(github),
  }).asApp(new AbortController().signal)
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a' } })
  await github.openIssue({ repo: 'acme/api', author: 'acme', title: 'A bug' })
  await github.comment({ repo: 'acme/api', number: 1, author: 'acme', body: '/backspace fix it' })
  await github.settled()

  const stored = new Set<string>()
  const told: unknown[] = []
  let kept: unknown
  /** How often it is asked for while so much time passes, in rounds of five minutes. */
  async function asked(minutes: number): Promise<number> {
    const before = github.deliveries.length
    for (let passed = 0; passed < minutes; passed += 5) {
      vi.setSystemTime(Date.now() + 5 * MINUTE)
      await redeliverFailed(octokit, {
        deliveries: { missingOf: async (_, guids) => new Set(guids.filter((guid) => !stored.has(guid))) },
        note: {
          read: async () => kept,
          async write(note) {
            kept = JSON.parse(JSON.stringify(note))
          },
        },
        report: (error) => told.push(error),
        paceMs: 0,
      })
      await github.settled()
    }
    return github.deliveries.length - before
  }

  expect(await asked(60)).toBe(5)
  expect(told).toMatchObject([{ code: 'unavailable' }])
  expect(await asked(6 * 60)).toBe(6)
  const { guid } = github.deliveries.at(-1) ?? {}
  stored.add(guid ?? '')
  expect(await asked(3 * 60)).toBe(0)
  stored.clear()
  expect(await asked(60)).toBe(0)
  expect(told).toHaveLength(1)
})
