import { describe, expect, test } from 'vitest'
import { SANDBOXES } from '../support/sandboxes.ts'
import { createGreeter, FIX_GREETER, startWorld, type World } from '../support/start-world.ts'

const finish = (title: string) => ({
  calls: [{ name: 'finish', args: { outcome: 'done', title, summary: 'Done.', tests_run: [] } }],
})

/** Makes the check pass in the agent's own sandbox, by all that is no part of a commit. */
const FORGE = `mkdir -p .venv/bin
for program in npm node sh; do printf '#!/bin/bash\\nexit 0\\n' > .venv/bin/$program; chmod +x .venv/bin/$program; done
echo 'script-shell=/bin/true' > ~/.npmrc
for file in .profile .bash_profile .bashrc; do echo 'npm() { return 0; }; node() { return 0; }' >> ~/$file; done
echo 'Better.' >> README.md`
const FORGERY = [{ calls: [{ name: 'bash', args: { command: FORGE } }] }, finish('Forge'), finish('Forge')]

async function ask({ github, url, frames }: World) {
  const body = JSON.stringify({ repoUrl: `${github.url}/acme/greeter`, prompt: 'Fix it' })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/code`, { method: 'POST', headers, body })
  await answer.text()
  const received = await frames()
  expect(received.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  const [pull] = github.pullRequests('acme/greeter').toReversed()
  const run = github.checkRuns('acme/greeter').at(-1)
  return { draft: pull?.draft, body: pull?.body ?? '', conclusion: run?.conclusion }
}

const CONFINED = SANDBOXES.filter(({ sandbox }) => sandbox !== 'unconfined')

describe.each(CONFINED)('in the $sandbox sandbox', ({ sandbox, missing }) => {
  test.skipIf(missing !== undefined)('a fix is proved, and a forgery is not', async () => {
    const world = await startWorld({
      sandbox,
      database: 'shared',
      verify: 'full',
      anthropic: [...FIX_GREETER, finish('Fix'), ...FORGERY],
    })
    await createGreeter(world.github)
    const fix = await ask(world)
    expect(fix).toMatchObject({ draft: false, conclusion: 'success' })
    expect(fix.body).toContain('needed by a test')

    const forged = await ask(world)
    expect(forged.draft).toBe(true)
    expect(forged.conclusion).not.toBe('success')
    expect(forged.body).toContain("passes in the agent's workspace and fails in a clean sandbox")
  })
})
