import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeBoxDirectory, removeBoxDirectory } from '../../../src/sandbox/local/box-directory.ts'
import { sharedSpawner } from '../../support/shared-spawner.ts'

test('a socket fits below the directory of a box, however deep the temporary directory is', async () => {
  const deep = mkdtempSync(join(tmpdir(), `${'deep'.repeat(20)}-`))
  vi.stubEnv('TMPDIR', deep)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(deep, { recursive: true })
  })
  const directory = await makeBoxDirectory()
  onTestFinished(() => removeBoxDirectory(directory, sharedSpawner))
  expect(Buffer.byteLength(join(directory, 'egress.sock'))).toBeLessThanOrEqual(107)
})

test.runIf(process.platform === 'linux')(
  'a directory is removed however deep, shut or strangely named its content is',
  async () => {
    const directory = await makeBoxDirectory()
    const deep = `cd '${directory}' && for i in $(seq 1 40); do mkdir -p ${'d'.repeat(200)} && cd -P ${'d'.repeat(200)}; done && touch end`
    execFileSync('bash', ['-c', deep])
    execFileSync('bash', [
      '-c',
      `cd '${directory}' && mkdir -p shut/in/side -- -rf && touch -- -- $'a\\nb' && ln -s /usr link && chmod 000 shut/in/side shut/in shut`,
    ])
    await removeBoxDirectory(directory, sharedSpawner)
    expect(existsSync(directory)).toBe(false)
    expect(existsSync('/usr/bin')).toBe(true)
  },
)
