import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { VARIABLES } from '../src/settings/variables.ts'
import { parseCodeRequest } from '../src/triggers/code-request.ts'
import { parseCommands } from '../src/triggers/parse-command.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The configuration table, as README must show it. `npm test -- -u` does not write it; copy it from the failure. */
function configurationTable(): string {
  const rows = Object.entries(VARIABLES).map(([name, variable]) => {
    const fallback = variable.default === undefined ? '' : `\`${variable.default.replaceAll(',', ', ')}\``
    return `| \`${name}\` | ${variable.about} | ${fallback} |`
  })
  return ['| variable | what it is | default |', '|---|---|---|', ...rows].join('\n')
}

test('the configuration table is the one of the settings', () => {
  const shown = /<!-- configuration -->\n\n([\s\S]*?)\n\n<!-- \/configuration -->/.exec(readme)?.[1]
  expect(shown).toBe(configurationTable())
})

test('the body of the curl example is accepted', () => {
  const body = /curl[\s\S]*?-d '([^']+)'/.exec(readme)?.[1] ?? ''
  const asked = parseCodeRequest(JSON.parse(body), { webUrl: 'https://github.com', budgetCapUsd: 5 })
  expect(asked.repository).toEqual({ owner: 'acme', name: 'greeter' })
})

test('the commands that README shows are commands', () => {
  for (const word of ['stop', 'retry', 'status', 'help', 'approve']) {
    expect(readme).toContain(word)
    expect(parseCommands(`/backspace ${word}`)).toMatchObject([{ kind: 'reserved', command: word }])
  }
})

test('every script and every file that README names is there', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  for (const [, script = ''] of readme.matchAll(/(?:^|`|&& )npm run ([a-z:]+)/gm))
    expect(scripts).toHaveProperty(script)
  for (const [, path = ''] of readme.matchAll(/\]\(([^)#:]+)\)/g)) {
    expect(() => requireFile(path)).not.toThrow()
  }
})

function requireFile(path: string): void {
  statSync(new URL(`../${path}`, import.meta.url))
}

test('README shows the end of a real demo', () => {
  expect(readme).toMatch(/pull request: http:\/\/127\.0\.0\.1:\d+\/acme\/greeter\/pull\/2/)
})
