import { connect, createServer, type Server } from 'node:net'
import { createServer as createTlsServer, connect as openTls, type TLSSocket } from 'node:tls'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { openHiddenTls } from '../../../src/sandbox/box/hidden-tls.ts'
import { type BoxAuthority, createBoxAuthority } from '../../../src/sandbox/local/box-authority.ts'

let ofBox: BoxAuthority
let ofWorld: BoxAuthority
beforeAll(async () => {
  ofBox = await createBoxAuthority()
  ofWorld = await createBoxAuthority()
})

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** A host on the internet that answers with what it is sent, and a box with a certificate for two names. */
async function start({ certified = 'registry.example.org', trusted = true } = {}) {
  const { key, certificate } = await ofWorld.issue([certified])
  const asked: string[] = []
  const host = createTlsServer({ key, cert: certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    asked.push(`${'servername' in socket ? socket.servername : ''} ${socket.alpnProtocol}`)
    socket.on('error', () => {}).pipe(socket)
  })
  const port = await listen(host)
  const identity = await ofBox.issue(['registry.example.org', '*.example.net'])
  const tls = await openHiddenTls(identity, trusted ? [ofWorld.certificate] : [])
  const relay = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ port, allowHalfOpen: true }).on('error', () => {})
    inside.on('error', () => {}).on('close', () => outside.destroy())
    void tls.join({ inside, outside, host: 'registry.example.org' })
  })
  const relayPort = await listen(relay)
  const program = (ca: string) =>
    openTls({
      port: relayPort,
      servername: 'registry.example.org',
      ca,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
  return { tls, program, asked, identity }
}

function allOf(socket: TLSSocket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    socket.on('end', () => resolve(Buffer.concat(chunks))).on('error', reject)
  })
}

test('a program that trusts the box reaches the host, and everything comes through', async () => {
  const { tls, program, asked } = await start()
  expect(
    ['Registry.example.org.', 'a.example.net', 'a.b.example.net', 'example.net'].map(tls.covers),
  ).toEqual([true, true, false, false])
  const sent = Buffer.alloc(3_000_000, 'package ')
  const socket = program(ofBox.certificate)
  socket.end(sent)
  expect((await allOf(socket)).equals(sent)).toBe(true)
  expect(asked).toEqual(['registry.example.org http/1.1'])
})

test.for([
  ['an authority that nobody trusts', { trusted: false }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['a certificate of another host', { certified: 'evil.example.org' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
] as const)('a host with %s is not spoken to, and the program learns why', async ([, world, why]) => {
  const { program } = await start(world)
  const answer = (await allOf(program(ofBox.certificate))).toString()
  expect(answer).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
  expect(answer).toContain('No secure connection to registry.example.org is possible: ')
  expect(answer).toContain(why)
})

test('a program that does not trust the box sends nothing, and another box is not trusted either', async () => {
  const { program } = await start()
  const other = await createBoxAuthority()
  await expect(allOf(program(other.certificate))).rejects.toThrow(/certificate/)
})
