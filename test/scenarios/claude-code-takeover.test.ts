import { rm } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { RecordedRequest, Step } from '../stand-ins/models/script.ts'
import { startService } from '../support/start-service.ts'
import { createGreeter, eventually, observe, startStandIns } from '../support/start-world.ts'
import { copyTemplateDatabase } from '../support/template-database.ts'
import { CLAUDE_FINISH, claudeBash, FIX_BY_COMMAND, withClaudeCode } from './claude-steps.ts'

const env = await withClaudeCode()

test('a run whose process is killed goes on with the same conversation in the next one', async () => {
  let release = () => {}
  const killed = new Promise<void>((resolve) => {
    release = resolve
  })
  const script = async ({ body }: RecordedRequest, index: number): Promise<Step> => {
    if (index === 0) return FIX_BY_COMMAND
    if (index === 1) return claudeBash('echo second')
    await killed
    return JSON.stringify(body).includes('second') ? CLAUDE_FINISH : { text: 'I do not know what I did.' }
  }
  const standIns = await startStandIns({ sandbox: 'e2b', anthropic: script, env })
  const { github, e2b, anthropic } = standIns
  const DATA_DIR = await copyTemplateDatabase()
  onTestFinished(async () => {
    release()
    await standIns.close()
    await rm(DATA_DIR, { recursive: true, force: true })
  })
  const settings = { ...standIns.env, DATA_DIR, LOG_LEVEL: 'info' }
  const first = await startService(settings)
  github.setWebhookTarget(`${await first.listening}/api/github/webhooks`)
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  // Its record is read again once what was read before is stored.
  const reads = () => e2b?.received().toString('latin1').split('/projects/*/').length ?? 0
  await eventually(reads, (count) => count > 2)
  first.signal('SIGKILL')
  await first.ended
  release()

  const next = await startService(settings)
  github.setWebhookTarget(`${await next.listening}/api/github/webhooks`)
  const frames = await observe(await next.listening).frames()
  const [pull, ...more] = github.pullRequests(repo)
  expect(more).toEqual([])
  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { pr_url: pull?.htmlUrl } })
  expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain('stranger')
  expect(frames.map(({ message }) => message)).toContain('Went on in the same E2B sandbox')
  expect(JSON.stringify(anthropic?.turns().at(-1))).toContain('echo second')
  expect(pull?.body).toContain('· Claude Code ·')
})
