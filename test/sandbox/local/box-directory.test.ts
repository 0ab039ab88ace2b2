import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeBoxDirectory, removeBoxDirectory } from '../../../src/sandbox/local/box-directory.ts'

test('a socket fits below the directory of a box, however deep the temporary directory is', async () => {
  const deep = mkdtempSync(join(tmpdir(), `${'deep'.repeat(20)}-`))
  vi.stubEnv('TMPDIR', deep)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(deep, { recursive: true })
  })
  const directory = await makeBoxDirectory()
  onTestFinished(() => removeBoxDirectory(directory))
  expect(Buffer.byteLength(join(directory, 'egress.sock'))).toBeLessThanOrEqual(107)
})
