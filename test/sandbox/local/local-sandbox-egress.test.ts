import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'

const probe = await probeLocalSandbox()
const missing = probe.available ? '' : ` (${probe.message})`

test.skipIf(!probe.available)(
  `a box reaches allowed hosts, only those, and only while they are allowed${missing}`,
  async () => {
    const server = createServer((_message, response) => response.end('package'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const provider = createLocalSandboxProvider({
      deployment: 'egress',
      mode: 'bubblewrap',
      egressProxy: { resolveAddress: async () => '127.0.0.1', ports: [port] },
    })
    const allowed = { allowHosts: ['registry.example.org'] }
    const sandbox = await provider.create({ runId: 'r', timeoutMs: 60_000, egress: allowed })
    const get = (host: string) =>
      sandbox.exec(`curl -sS --max-time 10 http://${host}:${port}/ || node -e "
    require('http').get(process.env.http_proxy + '/', { path: 'http://${host}:${port}/' }, (r) => r.pipe(process.stdout))"`)
    try {
      expect((await get('registry.example.org')).stdout).toBe('package')
      expect((await get('evil.example.org')).stdout).toContain('evil.example.org is not in BACKSPACE_EGRESS')
      const direct = await sandbox.exec(`exec 3<>/dev/tcp/127.0.0.1/${port}`)
      expect(direct.exitCode).not.toBe(0)

      await sandbox.exec('sleep 60 >/dev/null 2>&1 &')
      await sandbox.setEgress({ allowHosts: [] })
      expect((await sandbox.exec('echo "$http_proxy$HTTPS_PROXY$npm_config_proxy"')).stdout).toBe('\n')
      const still = await sandbox.exec(
        `node -e "require('http').get('http://127.0.0.1:3128/', { path: 'http://registry.example.org:${port}/' }, (r) => r.pipe(process.stdout))"`,
      )
      expect(still.stdout).toContain('registry.example.org is not in BACKSPACE_EGRESS')
      expect((await sandbox.exec("ps axo args | grep -c '^sleep 60'")).stdout).toBe('1\n')
    } finally {
      await sandbox.kill()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  },
)
