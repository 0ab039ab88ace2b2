import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { VARIABLES } from '../src/settings/variables.ts'

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
const lines = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm)]

test('.env.example and the settings name the same variables', () => {
  expect(lines.map(([, name]) => name).sort()).toEqual(Object.keys(VARIABLES).sort())
})

test('.env.example shows the defaults as they are', () => {
  for (const [, name = '', value = ''] of lines) {
    const fallback = VARIABLES[name as keyof typeof VARIABLES]?.default
    if (fallback !== undefined) expect(`${name}=${value}`).toBe(`${name}=${fallback}`)
  }
})

test('.env.example starts Backspace unchanged', () => {
  const set = lines.filter(([line]) => !line.startsWith('#')).map(([, name = '', value]) => [name, value])
  expect(() => readConfig(Object.fromEntries(set))).not.toThrow()
})
