import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProjectCommand } from '../../../src/checks/run-checks.ts'
import { pinEnvironment, readProjectEnvironment } from '../../../src/pipeline/sandbox/project-environment.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'

const { signal } = new AbortController()
let sandbox: Sandbox

beforeAll(async () => {
  const provider = createLocalSandboxProvider({ mode: 'unconfined', deployment: 'test' })
  sandbox = await provider.create({ runId: 'run', timeoutMs: 600_000, egress: { allowHosts: [] } })
})
afterAll(() => sandbox.kill())

const agent = (command: string) => sandbox.exec(command, { shell: 'agent' })
const check = (on: Sandbox, command: string) =>
  runProjectCommand(on, command, { workspace: sandbox.home, timeoutMs: 10_000, signal })

test('checks find what setup installed, and nothing of what the agent wrote to the profile since', async () => {
  await agent(`mkdir -p ~/.tool/bin && printf '#!/bin/sh\\necho "tool at $HOME of $TOOL_ROOT"\\n' > ~/.tool/bin/tool
    chmod +x ~/.tool/bin/tool
    echo 'export TOOL_ROOT=$HOME/.tool PATH="$HOME/.tool/bin:$PATH" BASH_ENV=~/.env GIT_DIR=/x; noise() { :; }; export -f noise; echo noise' > ~/.profile`)
  const environment = await readProjectEnvironment(sandbox, signal)
  expect(Object.keys(environment).sort()).toEqual(['PATH', 'TOOL_ROOT'])

  await agent(`mkdir -p ~/bin && printf '#!/bin/sh\\nexit 0\\n' > ~/bin/node && chmod +x ~/bin/node
    echo 'node() { return 0; }; tool() { echo forged; }; export -f node tool; export PATH="$HOME/bin:/bin"; echo forged; exit 0' > ~/.bash_profile`)
  const pinned = pinEnvironment(sandbox, environment)
  expect(await check(pinned, 'tool')).toMatchObject({
    exitCode: 0,
    tail: `tool at ${sandbox.home} of ${sandbox.home}/.tool`,
  })
  expect(await check(pinned, 'node -e "process.exit(1)"')).toMatchObject({ exitCode: 1 })
  // Without it, the profile decides.
  expect(await check(sandbox, 'node -e "process.exit(1)"')).toMatchObject({ exitCode: 0 })
  await agent('true')
  expect((await sandbox.exec('echo "$HOME"')).stdout).toBe('/proc/nonexistent\n')
})
