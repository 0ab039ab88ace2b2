import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ForwardHandler, Forwarding } from '../../src/sandbox/forwarding.ts'
import type { Sandbox, SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { putFile } from './sandbox-commands.contract.ts'

/** A program in the sandbox: `node ask.mjs ORIGIN CASE`; prints what it saw as JSON. */
const ASK = `
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
const [origin, name] = process.argv.slice(2)
const post = (path, body) => fetch(origin + path, { method: 'POST', body })
const sumOf = (bytes) => createHash('sha1').update(bytes).digest('hex')
const cases = {
  async talk() {
    const small = await post('/echo', 'hällo')
    const up = Uint8Array.from({ length: 1_000_000 }, (_, at) => (at * 7 + (at >> 8)) & 255)
    const upSum = await (await post('/sum', up)).text()
    const down = new Uint8Array(await (await fetch(origin + '/down')).arrayBuffer())
    const thrown = await fetch(origin + '/throw')
    return {
      small: [small.status, await small.text(), small.headers.get('x-host')],
      up: upSum === sumOf(up),
      down: [down.length, sumOf(down)],
      thrown: [thrown.status, await thrown.text()],
      broken: await fetch(origin + '/broken').then((answer) => answer.text()).catch(() => 'broke off'),
    }
  },
  async live() {
    let seen = ''
    const answer = await fetch(origin + '/events')
    for await (const chunk of answer.body) {
      seen += Buffer.from(chunk)
      await post('/seen', seen) // Only then the host makes the next one.
    }
    return seen
  },
  async four() {
    return Promise.all([1, 2, 3, 4].map(async (n) => (await post('/together', String(n))).text()))
  },
  async leave() {
    const leaving = new AbortController()
    const answer = await fetch(origin + '/wait', { signal: leaving.signal })
    await answer.body.getReader().read()
    leaving.abort()
    return 'left'
  },
  async hold() {
    return fetch(origin + '/wait').then((answer) => answer.text()).catch(() => 'broke off')
  },
  async slow() {
    const { port } = new URL(origin)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write('GET /endless HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')
    await new Promise((resolve) => socket.once('readable', resolve))
    await new Promise((resolve) => setTimeout(resolve, Number(process.argv[4])))
    socket.destroy()
    return 'stopped'
  },
  async reach() {
    return fetch(origin + '/echo').then((answer) => answer.status).catch((error) => error.cause?.code ?? 'failed')
  },
}
console.log(JSON.stringify(await cases[name]()))
process.exit(0)
`

const sumOf = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')
const DOWN = Buffer.alloc(10_000_000, createHash('sha512').update('down').digest())

interface ForwardSubject {
  readonly sandbox: () => Sandbox
  readonly provider: () => SandboxProvider
  readonly confines: boolean
}

/** What `Sandbox.forward` must do, everywhere. */
export function forwardContract({ sandbox, provider, confines }: ForwardSubject): void {
  describe('forward', () => {
    let forwarding: Forwarding
    const together = Promise.withResolvers<void>()
    let waiting = 0
    let left = Promise.withResolvers<void>()
    let begun = Promise.withResolvers<void>()
    let produced = 0
    let onSeen = (_text: string): unknown => undefined

    const handler: ForwardHandler = async (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/sum') return new Response(sumOf(await request.bytes()))
      if (pathname === '/down') return new Response(DOWN)
      if (pathname === '/throw') throw new Error('the secret reason')
      if (pathname === '/broken') return new Response(breaking())
      if (pathname === '/events') return new Response(events())
      if (pathname === '/seen') onSeen(await request.clone().text())
      if (pathname === '/wait') {
        request.signal.addEventListener('abort', () => left.resolve())
        return new Response(ReadableStream.from(forever(request)))
      }
      if (pathname === '/endless') return new Response(endless())
      if (pathname === '/together') {
        if (++waiting === 4) together.resolve()
        await together.promise
      }
      return new Response(await request.text(), { headers: { 'x-host': 'here' } })
    }
    async function* forever(request: Request): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first')
      begun.resolve()
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
    }
    function breaking(): ReadableStream<Uint8Array> {
      return ReadableStream.from(
        (async function* () {
          yield Buffer.from('begun')
          await delay(20)
          throw new Error('the secret reason')
        })(),
      )
    }
    function events(): ReadableStream<Uint8Array> {
      return ReadableStream.from(
        (async function* () {
          for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
            const seen = Promise.withResolvers<void>()
            onSeen = (text) => text.endsWith(event) && seen.resolve()
            yield Buffer.from(event)
            await seen.promise
          }
        })(),
      )
    }
    function endless(): ReadableStream<Uint8Array> {
      return new ReadableStream({
        pull(controller) {
          produced += 65_536
          controller.enqueue(new Uint8Array(65_536))
        },
      })
    }
    const ask = async (name: string, options: { origin?: string; from?: Sandbox; extra?: string } = {}) => {
      const { origin = forwarding.origin, from = sandbox(), extra = '' } = options
      const { stdout, stderr } = await from.exec(`node ask.mjs ${origin} ${name} ${extra}`)
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout)
    }

    beforeAll(async () => {
      await putFile(sandbox(), 'ask.mjs', ASK)
      forwarding = await sandbox().forward(handler)
    })

    test('requests and answers of any size come over whole; a failure gives no reason', async () => {
      expect(forwarding.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(await ask('talk')).toEqual({
        small: [200, 'hällo', 'here'],
        up: true,
        down: [DOWN.length, sumOf(DOWN)],
        thrown: [500, ''],
        broken: 'broke off',
      })
    })

    test('an answer arrives while it is made, and four are made at once', async () => {
      expect(await ask('live')).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n')
      expect(await ask('four')).toEqual(['1', '2', '3', '4'])
    })

    test('a program that leaves aborts its request; a slow one keeps the host from making more', async () => {
      expect(await ask('leave')).toBe('left')
      await left.promise
      expect(await ask('slow', { extra: '300' })).toBe('stopped')
      expect(produced).toBeLessThan(16_000_000)
    })

    test('it goes on after another egress policy, and only its own sandbox reaches it', async () => {
      await sandbox().setEgress({ allowHosts: ['registry.npmjs.org'] })
      expect(await ask('reach')).toBe(200)
      await sandbox().setEgress({ allowHosts: [] })
      expect(await ask('reach')).toBe(200)
      if (!confines) return
      const other = await provider().create({
        runId: 'run-5',
        timeoutMs: 600_000,
        egress: { allowHosts: [] },
      })
      await putFile(other, 'ask.mjs', ASK)
      expect(await ask('reach', { from: other })).toBe('ECONNREFUSED')
      await other.kill()
    })

    test('two lead to two handlers, and one that is closed leads nowhere', async () => {
      const ending = new AbortController()
      const other = await sandbox().forward(() => new Response(null, { status: 204 }), {
        signal: ending.signal,
      })
      expect(await ask('reach', { origin: other.origin })).toBe(204)
      ending.abort()
      await other.close()
      expect(await ask('reach', { origin: other.origin })).toBe('ECONNREFUSED')
      expect(await ask('reach')).toBe(200)
      const reason = new Error('left')
      const late = sandbox().forward(() => new Response(), { signal: AbortSignal.abort(reason) })
      await expect(late).rejects.toBe(reason)
    })

    test('closing ends what is in progress', async () => {
      left = Promise.withResolvers()
      begun = Promise.withResolvers()
      const asking = ask('hold')
      await begun.promise
      await forwarding.close()
      await forwarding.close()
      await left.promise
      expect(await asking).toBe('broke off')
      expect(await ask('reach')).toBe('ECONNREFUSED')
    })
  })
}
