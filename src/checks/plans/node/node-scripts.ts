import { z } from 'zod'
import type { Folder } from '../../project.ts'
import { keysIn, readJsonObject } from '../read-manifest.ts'
import { membersOf } from './workspaces.ts'

const packageJson = z.object({
  packageManager: z.string().optional().catch(undefined),
  devEngines: z
    .object({ packageManager: z.object({ name: z.string() }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  scripts: z.record(z.string(), z.unknown()).optional().catch(undefined),
  workspaces: z.unknown().optional(),
  dependencies: z.unknown().optional(),
  devDependencies: z.unknown().optional(),
  optionalDependencies: z.unknown().optional(),
})
export type PackageJson = z.infer<typeof packageJson>

/** Groups of scripts that are checks, in the order in which they run. Usually the first existing one of a group runs. */
export const CHECK_SCRIPTS = [
  ['test', 'test:ci', 'test:unit', 'unit', 'tests', 'unit-test', 'test-unit'],
  ['lint', 'lint:ci', 'lint:check'],
  ['typecheck', 'type-check', 'check:types', 'types:check', 'check-types'],
  ['format'],
  ['check'],
] as const

/** No test: npm's default for new packages, `echo "Error: no test specified" && exit 1`, and scripts that only print. */
const NO_TEST = /no test specified|^\s*echo [^&|;<>$`]*$/
/** Options by which tools change files instead of checking them. */
const WRITES =
  /(?:^|\s)--?(?:fix|write|apply(?:-unsafe)?)(?=\s|=|$)|\bprettier\s(?:\S+\s){0,20}-w(?=\s|$)|(?:^|[\s;&|])(?:vp (?:fmt|format)|oxfmt)(?=\s|$)(?![^;&|]{0,200}\s--(?:check|list-different)(?=\s|$))/
const AUDIT = /(?:^|[\s:-])(?:audit(?:-ci|-resolver)?|check-audit|better-npm-audit)(?=\s|$)/
const BUILD = /build|compile|bundle|generate|prepare|\b(?:rollup|webpack|tsc|babel|tsup|esbuild|vite)\b/
const MANY =
  /\b(?:turbo|nx|lerna|wsrun|moon|rush|wireit)\b|--workspaces?\b|\s-ws\b|--recursive\b|\s-r\b|\bforeach\b|--filter\b/
/** Test runners that look for tests in all folders below. */
const WHOLE_TREE =
  /(?:^|[\s;&|])(?:vitest|jest|ava|mocha|bun test|node --test|vp test)(?: run)?(?: --?[\w=./-]+)*\s*(?:$|[;&|])/

/** The most members of a workspace whose scripts are read. */
const MAX_MEMBERS = 50

export function parsePackage(text: string | undefined): PackageJson | undefined {
  return packageJson.safeParse(readJsonObject(text)).data
}

export function hasScript(parsed: PackageJson, name: string): boolean {
  const script = scriptText(parsed, name)
  return script.trim() !== '' && !NO_TEST.test(script)
}

/** Whether a package brings the program of a command. CI may install that of tree-sitter by itself. */
export function hasProgram(
  { dependencies, devDependencies }: PackageJson,
  { words }: { readonly words: readonly string[] },
): boolean {
  const needs = { ...Object(dependencies), ...Object(devDependencies) }
  return words[1] !== 'tree-sitter' || Object.hasOwn(needs, 'tree-sitter-cli')
}

export function scriptText({ scripts = {} }: PackageJson, name: string): string {
  const script = Object.hasOwn(scripts, name) ? scripts[name] : undefined
  return typeof script === 'string' ? script.slice(0, 2000) : ''
}

/** The names of the packages that a package installs for itself and for its development. */
export function dependenciesOf({ dependencies, devDependencies }: PackageJson): readonly string[] {
  return [dependencies, devDependencies].flatMap((set) => keysIn(set, []))
}

/** The names of a script, of its `pre` and `post` scripts, and of all that they run. */
export function reachedFrom(parsed: PackageJson, name: string): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [name]
  for (let one = open.pop(); one !== undefined && reached.size < 50; one = open.pop()) {
    if (reached.has(one)) continue
    reached.add(one)
    for (const next of [`pre${one}`, `post${one}`, ...scriptsNamed(parsed, scriptText(parsed, one))]) {
      if (hasScript(parsed, next)) open.push(next)
    }
  }
  return reached
}

function scriptsNamed(parsed: PackageJson, whole: string): readonly string[] {
  // Commands after `cd` belong to another package.
  const [text = ''] = whole.split(/\b(?:cd|pushd) /)
  const run = [
    ...text.matchAll(
      /\b(?:npm|pnpm|yarn|bun|vpr|vp(?= run )|node --run)(?: run)?(?: -s| --silent)? ([\w:.-]+(?:\*{1,2})?)/g,
    ),
  ]
  const list = /\b(?:run-s|run-p|npm-run-all|npm-run-all2|concurrently)\b/.test(text)
    ? text.split(/[\s'"]+/)
    : []
  const named = [...run.map(([, name = '']) => name), ...list.map((word) => word.replace(/^npm:/, ''))]
  return [
    ...named.flatMap((name) => (name.endsWith('*') ? startingWith(parsed, name) : [name])),
    ...alternatives(text),
    ...sameAs(parsed, text),
  ]
}

/** Scripts whose whole text is one part of this text, such as a script `mocha` for `node a.js && mocha`. */
function sameAs(parsed: PackageJson, text: string): readonly string[] {
  const parts = new Set(text.split('&&').map((part) => part.trim()))
  if (parts.size < 2) return []
  return Object.keys(parsed.scripts ?? {}).filter((name) => parts.has(scriptText(parsed, name)))
}

/** Names that match a pattern of npm-run-all: `*` matches no colon, `**` does. */
function startingWith({ scripts = {} }: PackageJson, pattern: string): readonly string[] {
  const start = pattern.replace(/\*+$/, '')
  const isDeep = pattern.endsWith('**')
  return Object.keys(scripts).filter(
    (name) => name.startsWith(start) && (isDeep || !name.slice(start.length).includes(':')),
  )
}

/** Names in a regular expression of pnpm, `pnpm run '/^test:(unit|e2e)$/'`, which is not evaluated, since it may take long. */
function alternatives(text: string): readonly string[] {
  const found = /\bpnpm\b[^|&;]{0,200}? ["']\/\^?([\w:.-]{0,60})\(([\w|:.-]{1,200})\)\$?\/["']/.exec(text)
  return found?.[2]?.split('|').map((end) => `${found[1]}${end}`) ?? []
}

export function writes(parsed: PackageJson, name: string): boolean {
  return [...reachedFrom(parsed, name)].some((one) => scriptText(parsed, one).search(WRITES) !== -1)
}

/** Whether a script asks a registry for advisories, whose answer depends on the day and not on the change. */
export function audits(parsed: PackageJson, name: string): boolean {
  return AUDIT.test(name) || AUDIT.test(scriptText(parsed, name))
}

/** The script that `test` calls, if `pretest` or `posttest` audits and no build comes before; else the script itself. */
export function withoutAudit(parsed: PackageJson, name: string): string {
  const [, inner = ''] =
    /^(?:npm|pnpm|yarn) (?:run )?(?:-s |--silent )?([\w:.-]+)$/.exec(scriptText(parsed, name)) ?? []
  const around = [`pre${name}`, `post${name}`].filter((one) => hasScript(parsed, one))
  if (!hasScript(parsed, inner) || !around.some((one) => audits(parsed, one))) return name
  const before = around.filter((one) => one.startsWith('pre')).flatMap((one) => [...reachedFrom(parsed, one)])
  return before.some((one) => BUILD.test(`${one} ${scriptText(parsed, one)}`)) ? name : inner
}

/** Whether the test script of a workspace's root runs the tests of its members. */
export async function runsInMembers(folder: Folder): Promise<boolean> {
  const parsed = parsePackage(await folder.read('package.json')) ?? {}
  const name = CHECK_SCRIPTS[0].find((one) => hasScript(parsed, one))
  // Without a test script at the root, the scripts of the members run.
  if (name === undefined) return true
  const texts = [...reachedFrom(parsed, name)].map((one) => scriptText(parsed, one))
  return texts.some((text) => MANY.test(text) || WHOLE_TREE.test(text))
}

export async function readMembers(folder: Folder): Promise<readonly PackageJson[]> {
  const isMember = await membersOf(folder)
  const paths = folder.files.filter((file) => file.endsWith('/package.json') && isMember(file.slice(0, -13)))
  const texts = await Promise.all(paths.slice(0, MAX_MEMBERS).map(folder.read))
  return texts.flatMap((text) => parsePackage(text) ?? [])
}

export function isWorkspaceRoot(folder: Folder, { workspaces }: PackageJson): boolean {
  return workspaces !== undefined || folder.has('pnpm-workspace.yaml')
}
