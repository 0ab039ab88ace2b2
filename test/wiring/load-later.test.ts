import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { probeLocalSandbox } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { createLazySandboxProvider } from '../../src/wiring/load-later.ts'

const probe = await probeLocalSandbox({ path: process.env.PATH })

test.skipIf(!probe.available)(
  'a local sandbox may use what the operator allows',
  async ({ onTestFinished }) => {
    const config = readConfig({
      PATH: process.env.PATH,
      BACKSPACE_SANDBOX: 'local',
      BACKSPACE_SANDBOX_MEMORY_GIB: '0.25',
    })
    const provider = createLazySandboxProvider(config)
    const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: { allowHosts: [] } })
    onTestFinished(() => sandbox.kill())
    await expect(sandbox.exec('head -c 400M /dev/zero >/tmp/a; sleep 60')).rejects.toMatchObject({
      class: 'over_limit',
      message: expect.stringContaining('more than 0.3 GiB of memory'),
    })
  },
)
