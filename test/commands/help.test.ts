import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const COMMANDS = join(ROOT, 'src/commands')

test.each([
  ['--help'],
  ['verify', '--help'],
  ['watch', '-h'],
])('help is an answer, not a failure: backspace %s %s', (...args) => {
  const said = execFileSync(join(ROOT, 'bin/backspace'), args, { encoding: 'utf8', stdio: 'pipe' })
  expect(said).toMatch(/^Usage: backspace|^npm run verify|^Usage:\n {2}npm run watch/)
})

test('every command explains itself', () => {
  const files = readdirSync(COMMANDS).filter((name) => name.endsWith('.ts'))
  const texts = files.map((name) => ({ name, text: readFileSync(join(COMMANDS, name), 'utf8') }))
  const commands = texts.filter(
    ({ text }) => text.includes('process.argv') || text.includes('runFromTerminal('),
  )
  expect(commands.length).toBeGreaterThan(12)
  const silent = commands.filter(
    ({ text }) => !/await runFromTerminal\(USAGE, |values\.help\b|=== 'help'/.test(text),
  )
  expect(silent.map(({ name }) => name)).toEqual([])
})
