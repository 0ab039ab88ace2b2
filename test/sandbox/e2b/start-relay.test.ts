import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createPort } from 'node:net'
import { CommandExitError } from 'e2b'
import { afterEach, expect, test, vi } from 'vitest'
import type { E2bPlace } from '../../../src/sandbox/e2b/e2b-command.ts'
import { encodeRelayFrame } from '../../../src/sandbox/e2b/relay-frames.ts'
import { RELAY } from '../../../src/sandbox/e2b/relay-script.ts'
import { startRelay } from '../../../src/sandbox/e2b/start-relay.ts'

afterEach(() => {
  vi.useRealTimers()
})

interface RunOptions {
  readonly onStdout: (text: string) => void
}

/** A sandbox whose relay is played by the test. */
function placeWith(play: (say: (text: string) => void, mark: string) => Promise<unknown>) {
  const killed: number[] = []
  const commands = {
    async run(script: string, { onStdout }: RunOptions) {
      const [, , mark = ''] = script.slice(script.lastIndexOf(' -- ') + 4).split(' ')
      const ended = play(onStdout, mark)
      return {
        pid: 7,
        wait: () => ended,
        disconnect: async () => {},
        kill: async () => killed.push(7),
      }
    },
  }
  const reach = { call: (request: () => unknown) => request() }
  const place = { sandbox: { commands }, reach, user: 'user', home: '/home/user', finished: [] }
  return { place: place as unknown as E2bPlace, killed }
}

const OPTIONS = { id: 'a-b', port: 20_001, signal: new AbortController().signal }
const LISTENS = encodeRelayFrame('r', 0).toString('latin1')
const TICK = encodeRelayFrame('t', 0).toString('latin1')
const never = new Promise<never>(() => {})

test('a relay that says nothing for half a minute has ended', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  let say = (_text: string) => {}
  const { place, killed } = placeWith((output, mark) => {
    say = output
    output(`${mark}${LISTENS}`)
    return never
  })
  const relay = await startRelay(place, { ...OPTIONS, server: createServer() })
  let hasEnded = false
  void relay?.ended.then(() => {
    hasEnded = true
  })
  for (let seconds = 0; seconds < 60; seconds += 20) {
    await vi.advanceTimersByTimeAsync(20_000)
    say(TICK)
  }
  await new Promise(setImmediate)
  expect(hasEnded).toBe(false)
  await vi.advanceTimersByTimeAsync(36_000)
  await relay?.ended
  expect(killed).toEqual([7])
})

test('a template without perl says what to install; garbage is no relay', async () => {
  const stderr = 'bash: line 1: exec: perl: not found\n'
  const failure = new CommandExitError({ exitCode: 127, error: 'exit status 127', stdout: '', stderr })
  const without = placeWith(() => Promise.reject(failure))
  await expect(startRelay(without.place, { ...OPTIONS, server: createServer() })).rejects.toThrow(
    'Install perl-base',
  )
  const garbage = placeWith((say, mark) => {
    queueMicrotask(() => say(`${mark}garbage garbage`))
    return never
  })
  await expect(startRelay(garbage.place, { ...OPTIONS, server: createServer() })).rejects.toMatchObject({
    class: 'unreachable',
  })
  expect(garbage.killed).toEqual([7])
})

test.skipIf(process.platform !== 'linux')(
  'the script says that its port is taken, and ends with its input',
  async () => {
    const taken = createPort()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = String(typeof address === 'object' && address ? address.port : 0)
    const first = spawnRelay('id-1', port)
    const [said] = await once(first.stdout, 'data')
    expect(String(said)).toMatch(/^\nMARKn/)
    await new Promise((resolve) => taken.close(resolve))
    const second = spawnRelay('id-2', port)
    expect(String(await once(second.stdout, 'data'))).toMatch(/^\nMARKr/)
    second.stdin.end()
    expect(await once(second, 'exit')).toEqual([0, null])
  },
)

function spawnRelay(id: string, port: string) {
  return spawn('bash', ['-c', 'exec perl -e "$@"', 'bash', RELAY, '--', id, port, 'MARK', '64'])
}
