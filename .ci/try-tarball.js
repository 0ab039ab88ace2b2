// Does what a person does with the tarball of a release: unpacks it, `npm ci --omit=dev`, `npm start`, and stops it again.
// Usage: node .ci/try-tarball.js <tarball>
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const PATIENCE_MS = 120_000
const directory = mkdtempSync(join(tmpdir(), 'backspace-tarball-'))
try {
  execFileSync('tar', ['-xzf', resolve(process.argv[2] ?? ''), '-C', directory])
  const unpacked = join(directory, readdirSync(directory)[0])
  // Nothing of this machine but how it reaches the registry: no key and no setting.
  const passed = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|TMPDIR|.*(CERT|CA|PROXY).*)$/i.test(name),
  )
  const env = { ...Object.fromEntries(passed), PORT: '0' }
  const began = performance.now()
  execFileSync('npm', ['ci', '--omit=dev'], { cwd: unpacked, env, stdio: ['ignore', 'inherit', 'inherit'] })
  console.log(`npm ci --omit=dev: ${Math.round((performance.now() - began) / 1000)} s`)
  await startAndStop(unpacked, env)
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function startAndStop(cwd, env) {
  // A group of its own, since a terminal would send the signal to npm and to the service.
  const service = spawn('npm', ['start'], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(service, 'exit')
  const late = setTimeout(() => process.kill(-service.pid, 'SIGKILL'), PATIENCE_MS)
  const began = performance.now()
  const url = await new Promise((resolve, reject) => {
    let output = ''
    service.stdout.on('data', (chunk) => {
      output += chunk
      const found = /Backspace listens on (http:\/\/[^"\s]+)/.exec(output)?.[1]
      if (found) resolve(found)
    })
    void ended.then(() => reject(new Error(`npm start ended before it listened:\n${output}`)))
  })
  const { status } = await fetch(`${url}/readyz`)
  console.log(
    `npm start: /readyz answered ${status} after ${Math.round((performance.now() - began) / 1000)} s`,
  )
  process.kill(-service.pid, 'SIGTERM')
  // npm itself ends by the signal; its output is closed when the service has ended as well.
  await once(service, 'close')
  clearTimeout(late)
  const answers = await fetch(url).then(
    () => true,
    () => false,
  )
  console.log(`SIGTERM: ${answers ? 'it still answers' : 'it ended'}`)
  if (status !== 200 || answers) process.exitCode = 1
}
