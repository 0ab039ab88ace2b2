import { createServer } from 'node:tls'
import { expect, test } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'

const probe = await probeLocalSandbox()
const missing = probe.available ? '' : ` (${probe.message})`

/** TLS by a shared key needs no certificate. */
const TLS = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'PSK-AES128-GCM-SHA256' } as const

/** A program for the box: asks for a tunnel, then for a name by TLS, and prints what comes. */
const ASK = `
const [host, port, servername] = process.argv.slice(1)
const call = require('http').request({ port: 3128, method: 'CONNECT', path: host + ':' + port })
call.on('response', (response) => response.pipe(process.stdout))
call.on('connect', (response, socket, head) => {
  if (response.statusCode !== 200) return process.stdout.write(head.toString()), socket.pipe(process.stdout)
  const options = { socket, servername, ...${JSON.stringify(TLS)}, checkServerIdentity: () => undefined }
  const tls = require('tls').connect({ ...options, pskCallback: () => ({ psk: Buffer.alloc(16, 1), identity: 'box' }) })
  tls.on('error', (error) => console.log(error.code)).pipe(process.stdout)
})
call.end()`

test.skipIf(!probe.available)(
  `a box reaches allowed hosts, only those, and only while they are allowed${missing}`,
  async () => {
    const server = createServer({ ...TLS, pskCallback: () => Buffer.alloc(16, 1) }, (socket) => {
      socket.on('error', () => {}).end('package')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const provider = createLocalSandboxProvider({
      deployment: 'egress',
      mode: 'bubblewrap',
      egressProxy: { resolveAddress: async () => '127.0.0.1', ports: [port] },
    })
    const allowed = { allowHosts: ['registry.example.org'] }
    const sandbox = await provider.create({ runId: 'r', timeoutMs: 600_000, egress: allowed })
    const ask = async (host: string, name = host) =>
      (await sandbox.exec(`node -e "$ASK" ${host} ${port} ${name}`, { env: { ASK }, timeoutMs: 20_000 }))
        .stdout
    try {
      expect(await ask('registry.example.org')).toBe('package')
      expect(await ask('registry.example.org', 'evil.example.org')).toContain('UNRECOGNIZED_NAME')
      expect(await ask('evil.example.org')).toContain('evil.example.org is not in BACKSPACE_EGRESS')
      const direct = await sandbox.exec(`exec 3<>/dev/tcp/127.0.0.1/${port}`)
      expect(direct.exitCode).not.toBe(0)
      const plain = await sandbox.exec(
        'exec 3<>/dev/tcp/127.0.0.1/3128; printf "GET http://registry.example.org/ HTTP/1.1\\r\\nHost: registry.example.org\\r\\n\\r\\n" >&3; cat <&3',
      )
      expect(plain.stdout).toContain('registry.example.org is reached by https only')

      // Node.js trusts the authority of the box, whose key is not inside; nor is that of the relay in a file or variable.
      const trust = await sandbox.exec('cat "$NODE_EXTRA_CA_CERTS"; grep -rl "PRIVATE KEY" /backspace; env')
      expect(trust.stdout).toMatch(/^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n/)
      expect(trust.stdout).not.toMatch(/PRIVATE KEY|\/backspace\/(?!certificates\/more\.pem|bin)/)

      await sandbox.exec('sleep 60 >/dev/null 2>&1 &')
      await sandbox.setEgress({ allowHosts: [] })
      expect(
        (await sandbox.exec('echo "$http_proxy$HTTPS_PROXY$npm_config_proxy$NODE_EXTRA_CA_CERTS"')).stdout,
      ).toBe('\n')
      expect(await ask('registry.example.org')).toContain('registry.example.org is not in BACKSPACE_EGRESS')
      expect((await sandbox.exec("ps axo args | grep -c '^sleep 60'")).stdout).toBe('1\n')
    } finally {
      await sandbox.kill()
      await new Promise((resolve) => server.close(resolve))
    }
  },
)
