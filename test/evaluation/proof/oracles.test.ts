import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createE2bSandboxProvider } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { preparePipelines } from '../../pipeline/pipeline-world.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { OF_CONFIGURATION } from './configuration-cases.ts'
import { casesOf } from './kit-cases.ts'
import { KITS } from './kits.ts'
import { carryOut } from './oracle-case.ts'
import { inWords } from './oracle-table.ts'
import { UNLISTED } from './unlisted-cases.ts'

const KEY = 'e2b_0123456789abcdef'
/** Parts of names, by `npm run oracles`. */
const wanted = z.object({ language: z.string(), sandbox: z.string(), name: z.string() })
const startPipeline = preparePipelines()
let e2b: E2bStandIn | undefined

beforeAll(async () => {
  e2b = await startE2b({ apiKey: KEY })
})
afterAll(() => e2b?.close())

const SANDBOXES = {
  local: () =>
    createLocalSandboxProvider({ mode: 'bubblewrap', deployment: 'oracles', path: process.env.PATH }),
  e2b: () =>
    createE2bSandboxProvider({
      apiKey: KEY,
      apiUrl: e2b?.url ?? '',
      sandboxUrl: e2b?.url ?? '',
      template: 'base',
      deployment: 'oracles',
      reachesGitHub: false,
      maxSandboxes: 20,
      createsPerSecond: 50,
    }),
  unconfined: () =>
    createLocalSandboxProvider({ mode: 'unconfined', deployment: 'oracles', path: process.env.PATH }),
} as const

/** In the suite. `npm run oracles` tries every oracle in every language and both sandboxes: minutes for each language. */
const QUICK = [
  ['local', 'JavaScript (node:test)', 'every forgery at once', 'checks'],
  ['e2b', 'Python (unittest)', 'every forgery at once', 'checks'],
  ['unconfined', 'Python (unittest)', 'weakened test', 'full'],
  ['unconfined', 'JavaScript (node:test)', 'setup that builds what the tests load', 'full'],
  [
    'unconfined',
    'JavaScript (node:test)',
    'the script of the tests does nothing, where the base is red',
    'checks',
  ],
  ['e2b', 'JavaScript (node:test)', 'a report of its own', 'checks'],
  ['unconfined', 'TypeScript (node:test)', 'half of the patch', 'checks'],
  ['unconfined', 'TypeScript (node:test)', 'submodule', 'checks'],
  ['e2b', 'TypeScript (node:test)', 'edited runner configuration', 'checks'],
  ['unconfined', 'Python (unittest)', 'hanging test', 'checks'],
  ['unconfined', 'Python (unittest)', 'flaky test', 'full'],
  ['unconfined', 'Python (pytest)', 'skipped test', 'checks'],
  ['local', 'Rust', 'wrong hunk', 'checks'],
] as const

const PROJECTS = [...KITS.map((kit) => ({ kit, cases: casesOf(kit) })), ...UNLISTED, ...OF_CONFIGURATION]
const every = PROJECTS.flatMap(({ kit, cases }) =>
  cases.flatMap((one) =>
    Object.keys(SANDBOXES).map((sandbox) => ({ sandbox, kit, one, mode: 'full' as const })),
  ),
)
const quick = QUICK.map(([sandbox, kit, name, mode]) => {
  const found = every.find(
    (some) => some.sandbox === sandbox && some.kit.name === kit && some.one.name === name,
  )
  if (found === undefined) throw new Error(`there is no oracle ${name} in ${kit}`)
  return { ...found, mode }
})
const isThere = ({ kit: { needs } }: (typeof every)[number]) =>
  needs === undefined || process.env[needs] !== undefined
const asked = process.env.ORACLES === undefined ? undefined : wanted.parse(JSON.parse(process.env.ORACLES))
const isAll = asked !== undefined
function isAsked({ sandbox, kit, one }: (typeof every)[number]): boolean {
  const { language = '', name = '', sandbox: place = '' } = asked ?? {}
  const isPlace = place === '' ? sandbox !== 'unconfined' : sandbox === place
  return isPlace && has(kit.name, language) && has(one.name, name)
}
function has(whole: string, part: string): boolean {
  return whole.toLowerCase().includes(part.toLowerCase())
}
const isRust = ({ kit }: Pick<(typeof every)[number], 'kit'>) => kit.name === 'Rust'
const hasCargo = (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/cargo`))
const chosen = isAll ? every.filter(isThere).filter(isAsked) : quick.filter((one) => hasCargo || !isRust(one))

test.for(chosen)('$sandbox, $kit.name, $one.name', async ({ sandbox, kit, one, mode }, { task }) => {
  const { says, ...change } = one
  const row = { kit: kit.name, name: one.name, sandbox, expected: inWords(says, says) }
  task.meta.oracle = row
  // How many hunks there is time for depends on what else the machine does.
  const { needed: _, ...sure } = says
  const sandboxes = SANDBOXES[sandbox as keyof typeof SANDBOXES]
  const said = await carryOut(startPipeline, { ...change, project: kit.files, mode, sandboxes })
  task.meta.oracle = { ...row, actual: inWords(said, says) }
  expect(said).toMatchObject(isAll && !said.isOutOfTime ? says : sure)
})
