import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { VARIABLES } from '../src/settings/variables.ts'
import { parseCodeRequest } from '../src/triggers/code-request.ts'
import { parseCommands } from '../src/triggers/parse-command.ts'

const readme = read('README.md')
const configuration = read('docs/configuration.md')

/** The table that docs/configuration.md must show. Copy it from the failure. */
function configurationTable(): string {
  const rows = Object.entries(VARIABLES).map(([name, variable]) => {
    const fallback = variable.default === undefined ? '' : `\`${variable.default.replaceAll(',', ', ')}\``
    return `| \`${name}\` | ${variable.about} | ${fallback} |`
  })
  return ['| variable | what it is | default |', '|---|---|---|', ...rows].join('\n')
}

test('docs/configuration.md has the table of the settings', () => {
  const shown = /<!-- configuration -->\n\n([\s\S]*?)\n\n<!-- \/configuration -->/.exec(configuration)?.[1]
  expect(shown).toBe(configurationTable())
})

test('every variable that README names exists, with the meaning of the settings', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z0-9_]+)` \| (.*) \|$/gm)]
  expect(rows.length).toBeGreaterThan(5)
  for (const [, name = '', about] of rows) expect(VARIABLES).toMatchObject({ [name]: { about } })
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

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
}

function requireFile(path: string): void {
  statSync(new URL(`../${path}`, import.meta.url))
}

test('the pictures of the tour are small, and each has a dark one and a description', () => {
  const pictures = [...readme.matchAll(/<picture>[\s\S]*?<\/picture>/g)].map(([picture]) => picture)
  expect(pictures).toHaveLength(3)
  for (const picture of pictures) {
    const [, dark = '', light = ''] =
      /srcset="([^"]+)"[\s\S]*src="([^"]+)" alt="[^"]{30,}"/.exec(picture) ?? []
    expect(dark).toBe(light.replace('.webp', '-dark.webp'))
    for (const path of [dark, light])
      expect(statSync(new URL(`../${path}`, import.meta.url)).size).toBeLessThan(80 * 1024)
  }
})

test('README shows the end of a real demo', () => {
  expect(readme).toMatch(/pull request: http:\/\/127\.0\.0\.1:\d+\/acme\/greeter\/pull\/2/)
})

test('every file and folder that the architecture page names is there', () => {
  const page = read('docs/architecture.md')
  const named = [...page.matchAll(/`((?:[\w-]+\/)+[\w.-]*|[\w-]+\.(?:ts|js))`/g)].map(([, path = '']) => path)
  // A row on a folder of src names what is in it by its last part.
  const places = ['', 'src/', 'src/triggers/', 'src/runs/', 'src/web/']
  const missing = named.filter((path) => {
    const file = path.endsWith('/') || path.includes('.') ? path : `${path}.ts`
    return !places.some((place) => existsSync(new URL(`../${place}${file}`, import.meta.url)))
  })
  expect(named.length).toBeGreaterThan(30)
  expect(missing).toEqual([])
})
