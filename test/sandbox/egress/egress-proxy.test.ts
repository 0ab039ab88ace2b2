import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { egressEnvironment } from '../../../src/sandbox/egress/egress-proxy.ts'
import { clientHello, inRecords } from './client-hellos.ts'
import { type EgressWorld, nextOf, startEgressWorld } from './egress-world.ts'

let world: EgressWorld
beforeEach(async () => {
  world = await startEgressWorld()
})
afterEach(() => world.close())

const HELLO = inRecords(clientHello(['registry.example.org']))

test('plain HTTP is refused, and the answer says what to use', async () => {
  world.proxy.allow(['registry.example.org'])
  expect(await world.askPlainly(`http://registry.example.org:${world.port}/a`)).toEqual({
    status: 403,
    text: 'registry.example.org is reached by https only: use https://registry.example.org/.\n',
  })
  expect((await world.askPlainly('http://evil.example.net/')).text).toContain('not in BACKSPACE_EGRESS')
  expect(world.received).toEqual([])
  expect(world.proxy.refused()).toEqual([
    { host: 'registry.example.org', reason: 'not_https' },
    { host: 'evil.example.net', reason: 'not_listed' },
  ])
})

test('a box has a limited number of connections, and gets others when it closes them', async () => {
  world.proxy.allow(['registry.example.org'])
  const sockets = Array.from({ length: 300 }, () => connect(world.socketPath).on('error', () => {}))
  let closed = 0
  for (const socket of sockets) socket.on('close', () => closed++).resume()
  await expect.poll(() => closed).toBe(44)
  for (const socket of sockets) socket.destroy()
  await expect.poll(async () => (await world.askPlainly('/').catch(() => undefined))?.status).toBe(403)
})

test('a sandbox without hosts needs no proxy, and Maven 3.9 needs another property to use it', () => {
  expect(egressEnvironment([])).toEqual({})
  expect(egressEnvironment(['a']).MAVEN_OPTS).toMatch(
    /-Dhttps\.proxyPort=3128 .*http\.useSystemProperties=true/,
  )
})

test('without a list nothing is reached', async () => {
  const { status, socket } = await world.openTunnel(`registry.example.org:${world.port}`)
  expect(status).toMatch(/^HTTP\/1.1 403 /)
  expect(status).toContain('registry.example.org is not in BACKSPACE_EGRESS')
  expect((await world.askPlainly(`http://registry.example.org:${world.port}/`)).status).toBe(403)
  expect(world.received).toEqual([])
  socket.destroy()
})

test.for([
  ['another host', 'evil.example.net'],
  ['the domain of a pattern itself', 'example.org'],
  ['a name that only ends alike', 'evilexample.org'],
  ['an address', '127.0.0.1'],
  ['an address written as a number', '2130706433'],
  ['an IPv6 address', '[::1]'],
  ['an address in hexadecimal', '0x7f000001'],
  ['an address in octal', '0177.0.0.1'],
  ['a short address', '127.1'],
  ['an IPv4 address written as IPv6', '[::ffff:127.0.0.1]'],
  ['a metadata service', '169.254.169.254'],
  ['an address in full-width digits', '%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1'],
  ['an allowed name after a NUL', 'evil.example.net%00.example.org'],
  ['an allowed name in the path', 'evil.example.net/.example.org'],
  ['an allowed name as a user name', 'a.example.org@evil.example.net'],
  ['a name without a public address', 'nowhere.example.org'],
] as const)('%s is refused', async ([, host]) => {
  world.proxy.allow(['*.example.org', '127.0.0.1', '2130706433', '[::1]'])
  const { status, socket } = await world.openTunnel(`${host}:${world.port}`)
  expect(status).toMatch(/^HTTP\/1.1 403 /)
  expect((await world.askPlainly(`http://${host}:${world.port}/`)).status).toBe(403)
  expect(world.received).toEqual([])
  socket.destroy()
})

test('other ports than those of the web are refused', async () => {
  world.proxy.allow(['registry.example.org'])
  const { status, socket } = await world.openTunnel('registry.example.org:22')
  expect(status).toContain('is reached by https on port')
  socket.destroy()
})

test('a host that leaves the list loses its open connections', async () => {
  world.proxy.allow(['github.example.org', 'registry.example.org'])
  const [git, registry] = await Promise.all([
    world.openTunnel(`github.example.org:${world.port}`),
    world.openTunnel(`registry.example.org:${world.port}`),
  ])
  const closed = new Promise((resolve) => git.socket.once('close', resolve))
  world.proxy.allow(['registry.example.org'])
  await closed
  registry.socket.write(HELLO)
  expect(await nextOf(registry.socket, HELLO.length)).toEqual(HELLO)
  registry.socket.destroy()
})

test('it knows which hosts were asked for in vain, and why', async () => {
  world.proxy.allow(['*.example.org'])
  for (const host of ['evil.example.net', 'evil.example.net', 'nowhere.example.org', 'a.example.org']) {
    await world.answerTo(`${host}:${host === 'a.example.org' ? 80 : world.port}`)
  }
  await world.askPlainly('http://evil%0aname.example.net/')
  expect(world.proxy.refused()).toEqual([
    { host: 'evil.example.net', reason: 'not_listed' },
    { host: 'nowhere.example.org', reason: 'no_address' },
    { host: 'a.example.org', reason: 'not_https' },
  ])
})

test('a client that asks again and again for a refused host is at last cut off', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => world.answerTo(`evil.example.net:${world.port}`)),
  )
  expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 403 '))).toHaveLength(5)
  expect(answers.filter((answer) => answer === '')).toHaveLength(15)
  expect(await world.answerTo(`other.example.net:${world.port}`)).toContain(
    'other.example.net is not in BACKSPACE_EGRESS',
  )
})

test('only a name that is in the list itself counts as the operator’s own', async () => {
  world.proxy.allow(['mirror.example.net', '*.example.org'])
  await world.openTunnel(`mirror.example.net:${world.port}`)
  await world.openTunnel(`a.example.org:${world.port}`)
  expect(world.named).toEqual([
    ['mirror.example.net', true],
    ['a.example.org', false],
  ])
})

test('nonsense does not stop the proxy', async () => {
  world.proxy.allow(['registry.example.org'])
  const socket = connect(world.socketPath)
  socket.on('error', () => {})
  socket.write('\x16\x03\x01 nonsense\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  expect((await world.openTunnel('')).status).toMatch(/^HTTP\/1.1 4/)
  expect((await world.askPlainly('/relative')).status).toBe(403)
  expect((await world.openTunnel(`registry.example.org:${world.port}`)).status).toMatch(/^HTTP\/1.1 200 /)
})
