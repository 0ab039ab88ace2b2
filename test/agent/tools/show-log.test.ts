import { expect, test } from 'vitest'
import { showLog } from '../../../src/agent/tools/show-log.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'

function sandboxOf(exec: (command: string) => string): Sandbox {
  // The tool asks for nothing else.
  return {
    exec: async (command: string) => ({ exitCode: 0, stdout: exec(command), stderr: '', outcome: 'exited' }),
  } as unknown as Sandbox
}

test('the log of a running command is looked at only while a person watches, and is over with the command', async () => {
  const asked: string[] = []
  const sandbox = sandboxOf((command) => {
    asked.push(command)
    return `\u001b[31mstep ${asked.length}\u001b[0m\n`
  })
  let watched = false
  let looks = 0
  const shown: string[] = []
  const live = {
    isWatched: () => {
      looks++
      return watched
    },
    show: (text: string) => shown.push(text),
  }
  const stop = showLog({ sandbox, signal: new AbortController().signal, live }, "/home/it's/out.log", 1)
  await expect.poll(() => looks).toBeGreaterThan(2)
  expect(asked).toEqual([])
  watched = true
  await expect.poll(() => shown.length).toBeGreaterThan(1)
  stop()
  expect(shown[0]).toBe('step 1\n')
  expect(shown.at(-1)).toBe('')
  expect(asked[0]).toBe(`tail -c 32768 -- '/home/it'\\''s/out.log'`)
})
