import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBuiltinAgent } from '../../src/agent/builtin/builtin-agent.ts'
import { createE2bSandboxProvider } from '../../src/sandbox/e2b/e2b-sandbox.ts'
import { call, DONE, scriptedTurns } from '../agent/support/scripted-turns.ts'
import { type E2bStandIn, startE2b } from '../stand-ins/e2b/start-e2b.ts'
import { createApi } from './api-repository.ts'
import { preparePipelines } from './pipeline-world.ts'

const KEY = 'e2b_0123456789abcdef'
const startPipeline = preparePipelines()
let e2b: E2bStandIn

beforeAll(async () => {
  e2b = await startE2b({ apiKey: KEY })
})
afterAll(() => e2b.close())

/** As an agent would that wants every later command of the host to fail, or to say what it likes. */
const PLANT = `for f in .profile .bash_profile .bashrc .env; do cat > ~/$f <<'END'
echo noise; set -e
make() { echo forged; return 1; }; git() { echo forged; }; export -f make git
export BASH_ENV=~/.env GIT_DIR=/nowhere PATH="$HOME/bin:$PATH"
END
done
mkdir -p ~/bin && printf '#!/bin/sh\\nexit 1\\n' > ~/bin/make && cp ~/bin/make ~/bin/git && chmod +x ~/bin/*
git config --global core.fsmonitor ~/bin/git; git config core.hooksPath ~/bin`

function pointerOf(text: string): string {
  const oid = createHash('sha256').update(text).digest('hex')
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${text.length}\n`
}

test('moments of 502 in every step, a restart of the daemon and a planted profile change nothing, nor what Git LFS keeps', async () => {
  const sandboxes = () =>
    createE2bSandboxProvider({
      apiKey: KEY,
      apiUrl: e2b.url,
      sandboxUrl: e2b.url,
      template: 'base',
      deployment: 'test',
      reachesGitHub: false,
      maxSandboxes: 20,
      createsPerSecond: 50,
      sleep: (ms) => delay(ms / 5), // Trouble is five times as short, too.
    })
  const turns = [
    call('bash', { command: `echo one > one.txt; cat held.bin held.bin > new.bin; ${PLANT}` }),
    call('bash', { command: 'sleep 0.5; echo two > two.txt; echo more >> edited.bin' }),
    call('read', { path: 'one.txt' }),
    DONE,
    DONE,
  ]
  const agent = createBuiltinAgent({ model: scriptedTurns(turns) })
  const world = await startPipeline({ agent, sandboxes })
  const { github } = world
  await createApi(github, {
    Makefile: 'test:\n\t@grep -q api README.md && grep -q held held.bin\n',
    '.gitattributes': '*.bin filter=lfs -text\n',
    'held.bin': pointerOf('held\n'),
    'edited.bin': pointerOf('edited\n'),
  })
  await Promise.all(['held\n', 'edited\n'].map((text) => github.keepLargeObject('acme/api', text)))
  const faults: { hits(): number }[] = []
  world.log.onAppend((event) => {
    if (event.type === 'step.started') {
      faults.push(e2b.failNext({ call: /process.Process|filesystem|\/files/, status: 502, forMs: 100 }))
    }
    const [box] = e2b.sandboxes()
    if (event.type === 'tool.started' && box) void e2b.restartDaemon(box.id, { downMs: 50 })
  })

  const finished = await world.run({}, '')

  expect(world.errors).toEqual([])
  expect(finished.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: false })
  expect(faults.filter((fault) => fault.hits() > 0).length).toBeGreaterThan(3)
  expect(e2b.sandboxes()).toHaveLength(1)
  const [pull] = github.pullRequests('acme/api')
  const head = pull?.headSha ?? ''
  const files = await github.filesAt('acme/api', head)
  const large = ['held.bin', 'edited.bin', 'new.bin'].map((path) => github.fileAt('acme/api', head, path))
  expect(await Promise.all(large)).toEqual(['held\n', 'edited\nmore\n', 'held\nheld\n'].map(pointerOf))
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['Makefile', 'one.txt', 'two.txt']))
  const results = finished.events.flatMap((event) => (event.type === 'checks.finished' ? event.results : []))
  expect(results.map(({ command, exitCode }) => `${command}: ${exitCode}`)).toEqual([
    'make test: 0',
    'make test: 0',
  ])
})
