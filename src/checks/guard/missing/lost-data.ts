import { wordsIn } from '../change/gone-names.ts'
import type { GuardFinding, ReadChange, ReadFile } from '../change/guarded-change.ts'

const DATA = /\.(?:json[lc5]?|ya?ml|csv|tsv)$/
/** Matches manifests, lock files and settings of projects that tests build; these are not lists of cases. */
const OF_PROJECTS =
  /(?:^|\/)(?:\.[^/]+|[^/]*lock[^/]*|(?:package|composer|tsconfig[^/]*|deno|project)\.json)$|(?:^|\/)(?:[^/]*requirements|constraints)[^/]*\.(?:txt|in)$|(?:^|\/)\.github\//

/**
 * Reports cases that a change removes from the data of tests. Data that belongs to removed tests or removed
 * code does not count.
 */
export function lostData({ files }: ReadChange, gone: ReadonlySet<string>): readonly GuardFinding[] {
  const losesTests = files.some(
    ({ marks, removed, file }) =>
      marks !== undefined && (file.status === 'deleted' || removed.some((line) => marks.test.test(line))),
  )
  if (losesTests) return []
  // A change that also edits tests or their data may have moved or replaced the file.
  const touchesTests = files.some(
    ({ role, isTest, file }) => (isTest || role === 'test') && file.status !== 'deleted',
  )
  return files.flatMap((read): readonly GuardFinding[] => {
    const path = `\`${read.file.path}\``
    if (onlyLoses(read, gone)) return [{ text: `${path} holds fewer cases than before`, weight: 'reason' }]
    if (isEmptied(read)) return [{ text: `${path} holds nothing where a value was`, weight: 'reason' }]
    const isLost = !touchesTests && isLostData(read)
    return isLost ? [{ text: `${path} was data of tests, and no test is changed`, weight: 'reason' }] : []
  })
}

const ENTRY = /["']?([\w.-]{1,80})["']?\s*:\s*("[^"]{0,200}"|null|~|\[\]|\{\}|[\w.+-]{1,60})/g
const NOTHING = /^(?:""|null|~|\[\]|\{\})$/
const MOST_LINES = 200

/** True if an existing key now has an empty value. */
function isEmptied({ file, role, removed, added }: ReadFile): boolean {
  if (role !== 'test' || file.status !== 'modified' || !DATA.test(file.path) || OF_PROJECTS.test(file.path))
    return false
  const entries = (lines: readonly string[]) =>
    lines.slice(0, MOST_LINES).flatMap((line) => [...line.matchAll(ENTRY)])
  const [old, now] = [removed, added].map(entries)
  const before = new Map((old ?? []).map(([, key = '', value = '']) => [key, value]))
  return (now ?? []).some(
    ([, key = '', value = '']) => NOTHING.test(value) && !NOTHING.test(before.get(key) ?? 'null'),
  )
}

/** Matches a setting that switches a case off; without it the case runs again. */
const SWITCHES_OFF = /^["']?(?:disabled?|skip(?:ped)?|ignored?|todo|flaky|xfail)["']?\s*:\s*true$/

function isLostData({ file, role, marks }: ReadFile): boolean {
  const isData =
    role === 'test' &&
    marks === undefined &&
    /\.(?:json[lc5]?|ya?ml|csv|tsv|txt|xml|html?|sql|toml)$/.test(file.path)
  return isData && file.status === 'deleted' && !OF_PROJECTS.test(file.path) && !/\.snap$/.test(file.path)
}

function onlyLoses({ file, role, isTest, removed, added }: ReadFile, gone: ReadonlySet<string>): boolean {
  if ((role !== 'test' && !isTest) || file.status !== 'modified') return false
  if (!DATA.test(file.path) || OF_PROJECTS.test(file.path)) return false
  const [lost, fresh] = [removed, added].map((lines) =>
    lines.map(trimmedValue).filter((line) => /\w/.test(line) && !SWITCHES_OFF.test(line)),
  )
  if (lost === undefined || fresh === undefined || lost.length === 0) return false
  const before = new Set(lost)
  if (fresh.some((line) => !before.has(line)) || fresh.length >= lost.length) return false
  // Only entries of a list are cases; those of an object are properties.
  if (!isList(file.before)) return false
  return !lost.some((line) => wordsIn(line).some((word) => gone.has(word)))
}

function trimmedValue(line: string): string {
  return line.trim().replace(/,$/, '')
}

function isList(bytes: Uint8Array | null | undefined): boolean {
  if (!bytes) return true
  const start = Buffer.from(bytes.subarray(0, 4000))
    .toString('utf8')
    .replace(/^\s*#.*$/gm, '')
    .trimStart()
  return /^(?:\[|-\s|---\s+-\s|\w[^\n{[]{0,200}[,\t])/.test(start) || /^\{\s*"\w{1,40}"\s*:\s*\[/.test(start)
}
