import { describe, expect, test } from 'vitest'
import { CLAUDE_CODE_VERSION } from '../../src/agent/claude-code/claude-command.ts'
import type { RecordedRequest, Step } from '../stand-ins/models/script.ts'
import { SANDBOXES } from '../support/sandboxes.ts'
import { type Story, shareWorld } from '../support/share-world.ts'
import { eventually } from '../support/start-world.ts'
import { CLAUDE_FINISH, claudeBash, FIX_BY_COMMAND, withClaudeCode } from './claude-steps.ts'

const { CLAUDE_CODE_PATH } = await withClaudeCode()
const GREET = '/home/user/workspace/src/greet.js'
const FIX: readonly Step[] = [
  { text: 'I will look first.', calls: [{ name: 'Read', args: { file_path: GREET } }] },
  {
    calls: [
      {
        name: 'Edit',
        args: { file_path: GREET, old_string: '{name}', new_string: "{name?.trim() || 'stranger'}" },
      },
    ],
  },
  { text: 'Now the tests.', ...claudeBash('env; npm test') },
  CLAUDE_FINISH,
  CLAUDE_FINISH,
]

/** Does one thing after the other until the model reads `text`, and then fixes the greeter. */
function busyUntilTold(text: string) {
  let told: number | undefined
  return ({ body }: RecordedRequest, index: number): Step => {
    if (told === undefined && JSON.stringify(body).includes(text)) told = index
    if (told === undefined) return claudeBash(`sleep 0.2; echo ${index}`)
    return [FIX_BY_COMMAND][index - told] ?? CLAUDE_FINISH
  }
}

async function ask({ github, repo }: Story): Promise<number> {
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace --agent claude-code fix it' })
  return number
}

describe.each(
  SANDBOXES.filter(({ sandbox }) => sandbox !== 'unconfined'),
)('Claude Code in the $sandbox sandbox', ({ sandbox, missing }) => {
  const story = test.skipIf(missing !== undefined)
  const begin = shareWorld({ sandbox, database: 'shared', env: { CLAUDE_CODE_PATH } })

  story('makes a pull request of a comment, with the same proof', async () => {
    const world = await begin(FIX)
    const { github, repo } = world
    const number = await ask(world)
    const frames = await world.frames()
    const [pull] = github.pullRequests(repo)
    expect(frames.at(-1)).toMatchObject({
      type: 'success',
      extra_data: { outcome: 'pull_request', pr_url: pull?.htmlUrl, ai_provider: 'anthropic' },
    })
    expect(pull).toMatchObject({ title: 'Greet a visitor without a name as a stranger', draft: false })
    expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain("|| 'stranger'")
    expect(pull?.body).toContain(`Closes #${number}`)
    expect(pull?.body).toMatch(/`npm test` \| . failed \(exit code 1,.*passed \(exit code 0/u)
    expect(pull?.body).toContain('Requested by @ada · Claude Code · `anthropic:claude-opus-5-5`')
    const messages = frames.map(({ message }) => message)
    for (const said of ['I will look first.', 'read src/greet.js', 'edit src/greet.js', 'bash env; npm test'])
      expect(messages).toContain(said)
    expect(world.turns()).toHaveLength(FIX.length)
    const asked = JSON.stringify(world.turns())
    expect(asked).toContain(`cc_version=${CLAUDE_CODE_VERSION}`)
    // Neither the key nor what opens the gateway is there for its commands.
    expect(asked).toContain('HOME=/home/user')
    expect(asked).not.toMatch(/sk-ant-|bsr_/)
  })

  if (sandbox === 'local')
    story('hears what is added while it works', async () => {
      const world = await begin(busyUntilTold('call it stranger'))
      const { github, repo } = world
      const number = await ask(world)
      await eventually(world.turns, ({ length }) => length > 0)
      await github.comment({ repo, number, author: 'eve', body: '/backspace delete it all' })
      await github.comment({ repo, number, author: 'root', body: '/backspace call it stranger' })
      const frames = await world.frames()
      expect(frames.at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
      expect(frames).toContainEqual(expect.objectContaining({ message: '@root added: call it stranger' }))
      expect(JSON.stringify(world.turns())).not.toContain('delete it all')
    })

  if (sandbox === 'e2b')
    story('is stopped with all that it started', async () => {
      const world = await begin([claudeBash('sleep 300')])
      const { github, repo, e2b } = world
      const number = await ask(world)
      await eventually(world.turns, ({ length }) => length > 0)
      await github.comment({ repo, number, author: 'ada', body: '/backspace stop' })
      expect((await world.frames()).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
      expect(github.pullRequests(repo)).toEqual([])
      if (e2b) await eventually(e2b.sandboxes, (boxes) => boxes.every(({ state }) => state === 'killed'))
    })
})
