import { expect, test } from 'vitest'
import { showCommand } from '../../src/sandbox/show-command.ts'

test('a running command is looked at only while a person watches, and is over with the command', async () => {
  let asked = 0
  let watched = false
  let looks = 0
  const shown: string[] = []
  const live = {
    isWatched: () => {
      looks++
      return watched
    },
    begin: (command: string) => ({
      show: (text: string) => shown.push(`${command}: ${text}`),
      end: () => shown.push('over'),
    }),
  }
  async function look(): Promise<string> {
    asked++
    if (asked === 2) throw new Error('the sandbox is busy')
    return `step ${asked}`
  }
  const { signal } = new AbortController()
  const stop = showCommand(live, { command: 'npm test', look, signal, everyMs: 1 })
  await expect.poll(() => looks).toBeGreaterThan(2)
  expect(asked).toBe(0)
  watched = true
  await expect.poll(() => shown.length).toBeGreaterThan(1)
  stop()
  expect(shown.slice(0, 2)).toEqual(['npm test: step 1', 'npm test: step 3'])
  expect(shown.at(-1)).toBe('over')
})
