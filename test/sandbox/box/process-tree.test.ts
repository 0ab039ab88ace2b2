import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isLeftBehind, killProcessTree } from '../../../src/sandbox/box/process-tree.ts'

test('a group counts as left behind while it has processes, and not when its id is given to a new one', async () => {
  const command = spawn('bash', ['-c', 'sleep 60 & exit'], { detached: true, stdio: 'ignore' })
  const group = command.pid ?? 0
  await once(command, 'exit')
  expect(isLeftBehind(group)).toBe(true)
  killProcessTree({ pid: group, marker: 'none', orphans: false })

  const other = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  expect(isLeftBehind(other.pid ?? 0), 'its leader is alive').toBe(false)
  other.kill()
  await once(other, 'exit')
  expect(isLeftBehind(other.pid ?? 0), 'it has no processes').toBe(false)
})
