import { describe, expect, test } from 'vitest'
import { SANDBOXES } from '../support/sandboxes.ts'
import { startWorld, type World } from '../support/start-world.ts'

const SETTINGS = `setup: mkdir -p node_modules/a; [ -e node_modules/a/made ] || head -c 8 /dev/urandom | od -An -tx1 >node_modules/a/made
checks: cat node_modules/a/made; ls node_modules/a
`
/** What a check printed before the change, and how setup went. */
async function ask(world: World, prompt = 'Change a.txt') {
  const body = JSON.stringify({ repoUrl: `${world.github.url}/acme/app`, prompt })
  const answer = await fetch(`${world.url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  await answer.text()
  const frames = await world.frames()
  const messages = frames.map(({ message }) => message ?? '')
  expect(frames.at(-1)?.type).toBe('success')
  return {
    setup: messages.find((message) => /Dependencies came|Installed dependencies/.test(message)),
    kept: messages.some((message) => message.startsWith('Kept the installed dependencies')),
    before: JSON.stringify(frames).match(/(?: [0-9a-f]{2}){8}\\nmade/)?.[0],
  }
}

const CHANGE = [
  {
    calls: [
      { name: 'bash', args: { command: 'echo evil >node_modules/a/evil; echo changed >>src/a.txt' } },
      {
        name: 'finish',
        args: { outcome: 'done', title: 'Change a', summary: 'Changed.', tests_run: [] },
      },
    ],
  },
]

const KEEPING = SANDBOXES.filter(({ sandbox }) => sandbox !== 'unconfined')

describe.each(KEEPING)('in the $sandbox sandbox', ({ sandbox, missing }) => {
  test.skipIf(missing !== undefined)(
    'what setup made is there in the next run, without anything of the agent or the repository',
    async () => {
      const world = await startWorld({
        sandbox,
        database: 'shared',
        anthropic: [...CHANGE, ...CHANGE, ...CHANGE],
        pace: { minSetupMs: 0 },
      })
      const { github } = world
      const files = {
        '.github/backspace.yml': SETTINGS,
        'src/a.txt': 'one\n',
        'package.json': '{}\n',
        '.gitignore': 'node_modules\n',
      }
      await github.createRepository({ owner: 'acme', name: 'app', collaborators: { ada: 'write' }, files })

      const first = await ask(world)
      expect(first).toEqual({
        setup: expect.stringMatching(/^Installed/),
        kept: true,
        before: expect.any(String),
      })
      const second = await ask(world)
      expect(second).toEqual({
        ...first,
        setup: expect.stringMatching(/^Dependencies came .* saved/),
        kept: false,
      })

      await github.pushFiles({ repo: 'acme/app', branch: 'main', files: { 'src/a.txt': 'two\n' } })
      const third = await ask(world)
      expect(third).toEqual({
        ...first,
        setup: expect.stringMatching(/; it began with the setup cache; without, it took /),
        kept: false,
      })
    },
  )
})
