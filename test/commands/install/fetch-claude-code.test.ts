import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CLAUDE_CODE_VERSION, claudeCodeDirectory } from '../../../src/agent/claude-code/claude-command.ts'
import { CLAUDE_CODE_PACKAGES, fetchClaudeCode } from '../../../src/commands/install/fetch-claude-code.ts'

const PLATFORM = 'linux-x64'
const NAME = `@anthropic-ai/claude-code-${PLATFORM}`
const archive = pack()
const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`
const asked: string[] = []

/** A registry with one package. */
const registry = createServer((request, response) => {
  const { address, port } = registry.address() as AddressInfo
  asked.push(request.url ?? '')
  if (request.url?.endsWith('.tgz')) return response.end(archive)
  if (decodeURIComponent(request.url ?? '') !== `/${NAME}`) return response.writeHead(404).end('{}')
  const dist = { tarball: `http://${address}:${port}/claude.tgz`, integrity }
  const versions = { [CLAUDE_CODE_VERSION]: { name: NAME, version: CLAUDE_CODE_VERSION, dist } }
  response.writeHead(200, { 'content-type': 'application/json' })
  return response.end(JSON.stringify({ name: NAME, versions, 'dist-tags': { latest: CLAUDE_CODE_VERSION } }))
})

beforeAll(() => new Promise<void>((resolve) => void registry.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => void registry.close(resolve)))
afterEach(() => void vi.unstubAllEnvs())

function pack(): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'package-'))
  mkdirSync(join(directory, 'package'))
  const scripts = { preinstall: 'touch /tmp/backspace-script-ran', prepack: 'exit 1' }
  const manifest = { name: NAME, version: CLAUDE_CODE_VERSION, scripts }
  writeFileSync(join(directory, 'package/package.json'), JSON.stringify(manifest))
  writeFileSync(join(directory, 'package/claude'), '#!/bin/sh\n', { mode: 0o755 })
  return execFileSync('tar', ['-czf', '-', '-C', directory, 'package'])
}

function freshDirectory(): string {
  const place = mkdtempSync(join(tmpdir(), 'data-'))
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`)
  vi.stubEnv('npm_config_cache', join(place, 'npm'))
  vi.stubEnv('npm_config_fetch_retries', '0')
  return claudeCodeDirectory(join(place, 'data'))
}

test('an installation is checked, complete and made once, whatever was left of an earlier one', async () => {
  const directory = freshDirectory()
  const dead = `${directory}.part-4194303-abc`
  mkdirSync(dead, { recursive: true })
  writeFileSync(join(dead, 'half'), '')
  const said: string[] = []
  const wanted = { directory, package: { platform: PLATFORM, integrity } }
  const program = await fetchClaudeCode({ ...wanted, onProgress: (sentence) => said.push(sentence) })
  expect(readFileSync(program, 'utf8')).toBe('#!/bin/sh\n')
  expect(readdirSync(dirname(directory))).toEqual([CLAUDE_CODE_VERSION])
  expect(said.join(' ')).toContain(`${NAME}@${CLAUDE_CODE_VERSION}`)
  const before = asked.length
  expect(await fetchClaudeCode(wanted)).toBe(program)
  expect(asked).toHaveLength(before)
})

test('what the registry delivers instead of the pinned package is not installed', async () => {
  const directory = freshDirectory()
  const pinned = CLAUDE_CODE_PACKAGES[PLATFORM] ?? ''
  const installing = fetchClaudeCode({ directory, package: { platform: PLATFORM, integrity: pinned } })
  await expect(installing).rejects.toThrow('something other than Claude Code')
  expect(readdirSync(dirname(directory))).toEqual([])
})

test('a registry without the package is named as the reason', async () => {
  const directory = freshDirectory()
  const installing = fetchClaudeCode({ directory, package: { platform: 'linux-sparc', integrity } })
  await expect(installing).rejects.toThrow(/npm could not download @anthropic-ai.*404/s)
  expect(readdirSync(dirname(directory))).toEqual([])
})
