import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'

const ROOT = join(import.meta.dirname, '../..')
const unit = readFileSync(join(ROOT, 'deploy/systemd/backspace.service'), 'utf8')
const missing = findProgram('systemd-analyze', process.env.PATH) === undefined
const directory = mkdtempSync(join(tmpdir(), 'backspace-unit-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('the unit waits as long as the service says it may take', () => {
  const seconds = /^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]
  expect(/BACKSPACE_GRACE_SECONDS=(\d+)/.exec(unit)?.[1]).toBe(seconds)
})

test('the unit starts what npm start starts', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const started = /^ExecStart=\/opt\/backspace\/(.*)$/m.exec(unit)?.[1]
  expect(`./${started}`).toBe(scripts.start.replace('--env-file-if-exists=.env ', ''))
})

const title = missing ? ' (not installed: apt-get install systemd)' : ''
describe.skipIf(missing)(`systemd-analyze${title}`, () => {
  /** Of this checkout, since it looks whether the program is there. */
  const file = join(directory, 'backspace.service')
  writeFileSync(file, unit.replaceAll('/opt/backspace', ROOT))

  test('knows every line of the unit', () => {
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
      encoding: 'utf8',
    })
    expect([stderr.split('\n').filter((line) => line.includes('backspace')), status]).toEqual([[], 0])
  })

  test('finds it well confined', () => {
    const report = execFileSync('systemd-analyze', ['security', '--offline=yes', '--threshold=45', file], {
      encoding: 'utf8',
    })
    expect(report).toMatch(/Overall exposure level .* OK/)
  })
})
