import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findOpenEnvFiles } from '../../src/config.ts'
import { processEnvironment } from '../support/environment.ts'
import { freePort } from '../support/postgres.ts'
import { QUICK_WASM } from '../support/quick-wasm.ts'
import { startService } from '../support/start-service.ts'

/** Whether something accepts connections there. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
}

/** Everything wrong at once, with a secret in each place that has one. */
function wrongEverywhere(directory: string) {
  const key = join(directory, 'app.pem')
  writeFileSync(key, '-----BEGIN PRIVATE KEY-----\ncanary-key\n-----END PRIVATE KEY-----\n')
  chmodSync(key, 0o644)
  return {
    APP_ID: '7',
    PRIVATE_KEY_PATH: key,
    WEBHOOK_SECRET: 'canary',
    API_TOKENS: 'ci=canary-canary-canary,ci=canary-canary-canary',
    BACKSPACE_EGRES: 'canary',
    BACKSPACE_EGRESS: '*',
    OPENAI_BASE_URL: 'http://models.example',
    PUBLIC_URL: 'https://me:canary@backspace.example',
    OPENAI_API_KEY: 'sk-ant-canary',
    BACKSPACE_MAX_RUNS: '1e9',
  }
}

const NAMED = [
  /PRIVATE_KEY_PATH \(.*app\.pem\) is a file that other users .* chmod 600 .*app\.pem$/m,
  /PRIVATE_KEY_PATH \(.*app\.pem\) is damaged/,
  /WEBHOOK_SECRET is under 32 characters.*openssl rand/,
  /API_TOKENS: ci and ci are the same token/,
  /API_TOKENS: two tokens have the name ci/,
  /BACKSPACE_EGRES is not a setting. Did you mean BACKSPACE_EGRESS\?/,
  /BACKSPACE_EGRESS has an entry|BACKSPACE_EGRESS has "\*" that opens every host/,
  /OPENAI_BASE_URL is plain http/,
  /PUBLIC_URL has a user name or a password/,
  /OPENAI_API_KEY holds a key of Anthropic/,
  /BACKSPACE_MAX_RUNS must be a whole number/,
]

test('a service with wrong settings names all of them, never listens, touches no database, and ends with 1; the doctor uses the same words', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'backspace-boot-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [port, DATA_DIR] = [await freePort(), join(directory, 'data')]
  const env = { ...wrongEverywhere(directory), PORT: String(port), DATA_DIR }
  const service = await startService(env)
  let everOpen = false
  let ended = false
  void service.ended.then(() => {
    ended = true
  })
  while (!ended) {
    everOpen ||= await isOpen(port)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(await service.ended).toBe(1)
  expect(everOpen).toBe(false)
  expect(existsSync(DATA_DIR)).toBe(false)
  const output = service.output()
  for (const problem of NAMED) expect(output).toMatch(problem)
  expect(output).not.toContain('canary')
  expect(output).not.toMatch(/^\s+at /m)

  const doctor = join(import.meta.dirname, '../../src/commands/doctor.ts')
  const said = await new Promise<string>((resolve) => {
    const options = { env: { ...processEnvironment(), ...env } }
    execFile(process.execPath, [QUICK_WASM, doctor], options, (error, _out, stderr) => {
      resolve(`${error?.code} ${stderr}`)
    })
  })
  expect(said.startsWith('1 ')).toBe(true)
  for (const line of output.trim().split('\n')) expect(said).toContain(line)
})

test('a file of settings that every user may read is found, for a warning', () => {
  const directory = mkdtempSync(join(tmpdir(), 'backspace-boot-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [open, closed] = [join(directory, 'open.env'), join(directory, 'closed.env')]
  writeFileSync(open, '', { mode: 0o644 })
  writeFileSync(closed, '', { mode: 0o600 })
  const options = [
    `--env-file-if-exists=${open}`,
    `--env-file=${closed}`,
    '--env-file-if-exists=/nowhere/.env',
  ]
  expect(findOpenEnvFiles(options)).toEqual([open])
})
