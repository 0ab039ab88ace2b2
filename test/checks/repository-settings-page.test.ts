import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ECOSYSTEMS } from '../../src/checks/ecosystem-hosts.ts'
import { NO_SETTINGS, parseRepoSettings } from '../../src/checks/repo-settings.ts'
import { parseSecretAllowList } from '../../src/checks/secret-allow-list.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/repository-settings.md'), 'utf8')
const part = (name: string) => page.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0]?.trim() ?? ''

test('the example of the documentation has every key, and no mistake', () => {
  const yaml = part('example').replace(/^```yaml\n|```$/g, '')
  const settings = parseRepoSettings(yaml, 'a')
  expect(settings.problems).toEqual([])
  for (const key of Object.keys({
    ...NO_SETTINGS,
    setup: 1,
    checks: 1,
    template: 1,
    verify: 1,
    prove: 1,
    agent: 1,
  })) {
    if (key === 'problems') continue
    expect([key, settings[key as keyof typeof settings]]).not.toEqual([
      key,
      NO_SETTINGS[key as keyof typeof settings],
    ])
  }
  expect(parseSecretAllowList(yaml, 'a')).toMatchObject({ problems: [] })
})

test('the table of hosts is that of the code', () => {
  const rows = ECOSYSTEMS.map(
    ({ name, files, hosts }) =>
      `| ${name} | ${files.map((file) => `\`${file}\``).join(', ')} | ${hosts.map((host) => `\`${host}\``).join(', ')} |`,
  )
  expect(part('hosts')).toBe(['| ecosystem | files | hosts |', '|---|---|---|', ...rows].join('\n'))
})
