import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startE2b } from '../stand-ins/e2b/start-e2b.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'
import {
  anthropicEnvironment,
  appEnvironment,
  e2bEnvironment,
  githubEnvironment,
  processEnvironment,
} from '../support/environment.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'

const DOCTOR = join(import.meta.dirname, '../../src/commands/doctor.ts')

async function doctor(env: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-doctor-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const own = { ...processEnvironment(), DATA_DIR: join(directory, 'data') }
  const call = promisify(execFile)(process.execPath, [QUICK_WASM, DOCTOR], {
    env: { ...own, ...env },
    cwd: directory,
  })
  return call.then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      text: error.stdout + error.stderr,
    }),
  )
}

test('the doctor ends with 0 only if a run could work: it tries the App, a model and a sandbox, and revokes its tokens', async () => {
  const [github, claude, e2b] = await Promise.all([
    startGitHub(),
    startAnthropic({ script: [{ text: 'ok' }] }),
    startE2b({ apiKey: 'e2b_canary_of_the_doctor' }),
  ])
  onTestFinished(async () => void (await Promise.all([github.close(), claude.close(), e2b.close()])))
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
  // None of its deliveries arrives: there is no service.
  github.setWebhookTarget('https://backspace.dev/api/github/webhooks')
  await github.waitFor(() => github.deliveries.length > 0)
  const env = {
    ...githubEnvironment(github),
    ...appEnvironment(github),
    ...anthropicEnvironment(claude),
    ...e2bEnvironment(e2b, 'e2b_canary_of_the_doctor'),
    BACKSPACE_SANDBOX: 'e2b',
    BACKSPACE_MODELS: 'anthropic:claude-opus-5-5',
  }
  const broken = await doctor(env)
  expect(broken.text).toMatch(/✓ GitHub App {6}backspace, owned by backspace-makers\n/)
  expect(broken.text).toMatch(/✓ Installed on {4}acme \(1 repository\)\n/)
  expect(broken.text).toMatch(/✓ anthropic:claude-opus-5-5\n *answered in /)
  expect(broken.text).toMatch(/✓ Sandbox {9}E2B, template base; started, used and closed in /)
  expect(broken.text).toMatch(
    /✗ Webhooks {8}GitHub’s last delivery \(installation\.created just now\) failed/,
  )
  expect([broken.code, broken.text]).toEqual([1, expect.stringMatching(/Not ready: Webhooks\.\n\n$/)])
  expect(github.tokens().every(({ revokedAt }) => revokedAt !== undefined)).toBe(true)
  for (const secret of [claude.apiKey, 'e2b_canary_of_the_doctor', github.webhookSecret])
    expect(broken.text).not.toContain(secret)

  // With a token instead of an App there are no webhooks; without a model runs apply what people write out.
  const pat = {
    ...githubEnvironment(github),
    GITHUB_PAT: github.createPat({ login: 'ada', scopes: ['repo'] }),
  }
  const ready = await doctor({ ...pat, BACKSPACE_SANDBOX: 'unconfined' })
  expect([ready.code, ready.text]).toEqual([
    0,
    expect.stringMatching(/Ready: a run could work from its start to its end\.\n\n$/),
  ])
  expect(ready.text).toMatch(/– Model {11}no provider has a key\n *Without a model Backspace only applies/)
})
