import { ORDINARY_IN_DOT_FOLDERS, STEERING_FILES, type SteeringGroup } from './steering-files.ts'

/**
 * How carefully a changed file must be handled:
 * - `workflow`: runs with the repository's secrets as soon as it is pushed, so it is never published.
 * - `protected`: steers people, agents, git, installs or CI. It is listed first, and makes a draft unless `actsOnceMerged`.
 * - `build`: decides what an install or a build executes. It is named in a tainted run, otherwise judged by its contents.
 * - `ordinary`: everything else.
 */
type Protection = 'workflow' | 'protected' | 'build' | 'ordinary'

/** The protection of a path, by its names alone. */
export function protectionOf(path: string): Protection {
  if (isWorkflow(path)) return 'workflow'
  const group = steeringGroup(path)
  if (group === undefined) return 'ordinary'
  return group === 'build' ? 'build' : 'protected'
}

/** True for a workflow of GitHub Actions. Only the start of the path is looked at. */
export function isWorkflow(path: string): boolean {
  const segments = path.slice(0, 200).split('/').filter(isSegment)
  const [first, second, third] = segments.slice(0, 3).map(foldName)
  return first === '.github' && second === 'workflows' && third !== undefined
}

/** What a file steers according to its path; undefined for ordinary files. Takes time linear in the path's length. */
export function steeringGroup(path: string): SteeringGroup | undefined {
  const segments = foldedSegments(path)
  const found = firstRow(STEERING, segments)
  if (found === 'github' && firstRow(ORDINARY, segments) !== undefined) return undefined
  if (found !== undefined && found !== 'build') return found
  // Dot folders at the root hold settings of tools that run on their own, and no list knows all of them.
  const isInDotFolder = segments.length > 1 && segments[0]?.startsWith('.') === true
  if (isInDotFolder && firstRow(ORDINARY, segments) === undefined) return 'other'
  return found
}

interface Rule<T> {
  readonly value: T
  /** Position in the list: the first rule that matches counts. */
  readonly order: number
  readonly isRooted: boolean
  readonly isFolder: boolean
  /** Folders in front of the last name. */
  readonly folders: readonly string[]
}

interface Rules<T> {
  /** Rules by the last name of their pattern. */
  readonly byName: ReadonlyMap<string, readonly Rule<T>[]>
  readonly wildcards: readonly (Rule<T> & { readonly name: RegExp })[]
}

function compile<T>(rows: readonly { readonly value: T; readonly patterns: string }[]): Rules<T> {
  const byName = new Map<string, Rule<T>[]>()
  const wildcards: (Rule<T> & { readonly name: RegExp })[] = []
  for (const [order, { value, patterns }] of rows.entries()) {
    for (const pattern of patterns.split(/\s+/)) {
      const folders = pattern.split('/').filter((segment) => segment !== '')
      const name = folders.pop() ?? ''
      const shape = { isRooted: pattern.startsWith('/'), isFolder: pattern.endsWith('/'), folders }
      const rule = { value, order, ...shape }
      if (name.includes('*')) wildcards.push({ ...rule, name: wildcard(name) })
      else byName.set(name, [...(byName.get(name) ?? []), rule])
    }
  }
  return { byName, wildcards }
}

function wildcard(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.+?^$()[\]{}|\\]/g, '\\$&').replaceAll('*', '.*')}$`)
}

function firstRow<T>({ byName, wildcards }: Rules<T>, segments: readonly string[]): T | undefined {
  let best: Rule<T> | undefined
  const consider = (rule: Rule<T>, at: number) => {
    const start = at - rule.folders.length
    if (start < 0 || (rule.isRooted && start > 0)) return
    if (!rule.folders.every((folder, index) => segments[start + index] === folder)) return
    if (best === undefined || rule.order < best.order) best = rule
  }
  const last = segments.length - 1
  for (const [at, segment] of segments.entries()) {
    for (const rule of byName.get(segment) ?? []) if (rule.isFolder === at < last) consider(rule, at)
  }
  // Cut, because patterns with a star need not be linear. The gate refuses longer names anyway.
  const name = (segments[last] ?? '').slice(0, 255)
  for (const rule of wildcards) if (rule.name.test(name)) consider(rule, last)
  return best?.value
}

const STEERING = compile(STEERING_FILES.map(({ group, patterns }) => ({ value: group, patterns })))
const ORDINARY = compile([{ value: true, patterns: ORDINARY_IN_DOT_FOLDERS }])

/** The names in a path as the most lenient file system reads them: without case, Unicode form, ignored characters or tails. */
export function foldedSegments(path: string): readonly string[] {
  return path.split('/').filter(isSegment).map(foldName)
}

function isSegment(name: string): boolean {
  return name !== '' && name !== '.'
}

/** Letters of other scripts, each with the Latin letter that it looks like. */
const LOOK_ALIKES = new Map(
  (
    'аaсcԁdеeһhіiјjкkӏlмmнhоoрpԛqѕsтtуyѵvԝwхxѡwгrпnьbвbαaγyεeηnιiκkνvοoρpτtυuχxωwıiɡgɩiոnօoսuցgհh․.‐-‑-−-'.match(
      /../gu,
    ) ?? []
  ).map((pair) => [pair.charAt(0), pair.charAt(1)] as const),
)

/**
 * Maps all names that open the same file or look the same to one spelling. HFS+ ignores joiners and direction marks; NTFS
 * drops trailing dots and spaces, and everything after a colon.
 */
function foldName(name: string): string {
  const folded = /^[!-~]*$/.test(name) ? name.toLowerCase() : foldUnicode(name)
  const stem = folded.split(':', 1)[0] ?? ''
  let end = stem.length
  while (stem[end - 1] === '.' || stem[end - 1] === ' ') end--
  return stem.slice(0, end)
}

function foldUnicode(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/[^\0-\x7f]/g, (letter) => LOOK_ALIKES.get(letter) ?? letter)
}
