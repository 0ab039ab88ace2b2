import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EgressProxy, startEgressProxy } from '../../../src/sandbox/egress/egress-proxy.ts'

/** Plays the internet: every public name leads to this server. */
let upstream: Server
let port: number
let directory: string
let proxy: EgressProxy
const asked: string[] = []
const named: [string, boolean][] = []

beforeEach(async () => {
  asked.length = 0
  named.length = 0
  directory = await mkdtemp(join(tmpdir(), 'egress-'))
  upstream = createServer((message, response) => {
    asked.push(`${message.method} ${message.headers.host}${message.url}`)
    message.pipe(response)
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  port = typeof address === 'object' && address ? address.port : 0
  proxy = await startEgressProxy({
    socketPath: join(directory, 'proxy.sock'),
    ports: [port],
    resolveAddress: async (host, options) => {
      named.push([host, options.named])
      return host === 'nowhere.example.org' ? undefined : '127.0.0.1'
    },
  })
})
afterEach(async () => {
  await proxy.close()
  upstream.closeAllConnections()
  await new Promise((resolve) => upstream.close(resolve))
  await rm(directory, { recursive: true })
})

/** Asks for a tunnel and gives the status line, and the connection when there is one. */
function openTunnel(target: string): Promise<{ readonly status: string; readonly socket: Socket }> {
  const socket = connect(join(directory, 'proxy.sock'))
  socket.on('error', () => {})
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
  return new Promise((resolve) => {
    socket.once('data', (chunk) => resolve({ status: chunk.toString(), socket }))
  })
}

/** All that comes back when a tunnel is asked for. */
function answerTo(target: string): Promise<string> {
  const socket = connect(join(directory, 'proxy.sock'))
  socket.on('error', () => {})
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((resolve) => socket.once('close', () => resolve(text)))
}

function forward(
  url: string,
  method = 'GET',
  body = '',
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: join(directory, 'proxy.sock'), path: url, method }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    call.on('error', reject)
    call.end(body)
  })
}

test('a tunnel to an allowed host leads there', async () => {
  proxy.allow(['registry.example.org'])
  const { status, socket } = await openTunnel(`registry.example.org:${port}`)
  expect(status).toMatch(/^HTTP\/1.1 200 /)
  socket.write('GET /package HTTP/1.1\r\nHost: registry.example.org\r\nConnection: close\r\n\r\n')
  const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve))
  expect(answer.toString()).toMatch(/^HTTP\/1.1 200 OK/)
  expect(asked).toEqual(['GET registry.example.org/package'])
  socket.destroy()
})

test('a plain request to an allowed host is passed on with its body', async () => {
  proxy.allow(['registry.example.org'])
  const answer = await forward(`http://registry.example.org:${port}/a?b=c`, 'POST', 'hello')
  expect(answer).toEqual({ status: 200, text: 'hello' })
  expect(asked).toEqual([`POST registry.example.org:${port}/a?b=c`])
})

test('without a list nothing is reached', async () => {
  const { status, socket } = await openTunnel(`registry.example.org:${port}`)
  expect(status).toMatch(/^HTTP\/1.1 403 /)
  expect(status).toContain('registry.example.org is not in BACKSPACE_EGRESS')
  expect((await forward(`http://registry.example.org:${port}/`)).status).toBe(403)
  expect(asked).toEqual([])
  socket.destroy()
})

test.for([
  ['another host', 'evil.example.net'],
  ['the domain of a pattern itself', 'example.org'],
  ['a name that only ends alike', 'evilexample.org'],
  ['an address', '127.0.0.1'],
  ['an address written as a number', '2130706433'],
  ['an IPv6 address', '[::1]'],
  ['an allowed name as a user name', 'a.example.org@evil.example.net'],
  ['a name without a public address', 'nowhere.example.org'],
] as const)('%s is refused', async ([, host]) => {
  proxy.allow(['*.example.org', '127.0.0.1', '2130706433', '[::1]'])
  const { status, socket } = await openTunnel(`${host}:${port}`)
  expect(status).toMatch(/^HTTP\/1.1 403 /)
  expect((await forward(`http://${host}:${port}/`)).status).toBe(403)
  expect(asked).toEqual([])
  socket.destroy()
})

test('other ports than those of the web are refused', async () => {
  proxy.allow(['registry.example.org'])
  const { status, socket } = await openTunnel('registry.example.org:22')
  expect(status).toContain('Port 22 is not allowed')
  socket.destroy()
})

test('a host that leaves the list loses its open connections', async () => {
  proxy.allow(['github.example.org', 'registry.example.org'])
  const [git, registry] = await Promise.all([
    openTunnel(`github.example.org:${port}`),
    openTunnel(`registry.example.org:${port}`),
  ])
  const closed = new Promise((resolve) => git.socket.once('close', resolve))
  proxy.allow(['registry.example.org'])
  await closed
  registry.socket.write('GET / HTTP/1.1\r\nHost: registry.example.org\r\n\r\n')
  expect(
    (await new Promise<Buffer>((resolve) => registry.socket.once('data', resolve))).toString(),
  ).toContain('200 OK')
  registry.socket.destroy()
})

test('it knows which hosts were asked for in vain, and why', async () => {
  proxy.allow(['*.example.org'])
  for (const host of ['evil.example.net', 'evil.example.net', 'nowhere.example.org', 'a.example.org']) {
    await forward(`http://${host}:${port}/`)
  }
  await forward('http://evil%0aname.example.net/')
  expect(proxy.refused()).toEqual([
    { host: 'evil.example.net', reason: 'not_listed' },
    { host: 'nowhere.example.org', reason: 'no_address' },
  ])
})

test('a client that asks again and again for a refused host is at last cut off', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => answerTo(`evil.example.net:${port}`)))
  expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 403 '))).toHaveLength(5)
  expect(answers.filter((answer) => answer === '')).toHaveLength(15)
  expect(await answerTo(`other.example.net:${port}`)).toContain(
    'other.example.net is not in BACKSPACE_EGRESS',
  )
})

test('only a name that is in the list itself counts as the operator’s own', async () => {
  proxy.allow(['mirror.example.net', '*.example.org'])
  await forward(`http://mirror.example.net:${port}/`)
  await forward(`http://a.example.org:${port}/`)
  expect(named).toEqual([
    ['mirror.example.net', true],
    ['a.example.org', false],
  ])
})

test('nonsense does not stop the proxy', async () => {
  proxy.allow(['registry.example.org'])
  const socket = connect(join(directory, 'proxy.sock'))
  socket.on('error', () => {})
  socket.write('\x16\x03\x01 nonsense\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  expect((await openTunnel('')).status).toMatch(/^HTTP\/1.1 4/)
  expect((await forward('/relative')).status).toBe(403)
  expect((await forward(`http://registry.example.org:${port}/`)).status).toBe(200)
})
